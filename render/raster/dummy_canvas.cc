// SPDX-License-Identifier: Apache-2.0
#include <unordered_map>
#include <utility>

#include "render/raster/canvas.h"

namespace cassia::raster {
namespace {

class DummyCanvas final : public Canvas {
 public:
  std::string_view name() const override { return "dummy"; }

  Result<void> create_surface(SurfaceId id, Size size, PixelFormat format) override {
    if (size.empty() || size.width > max_side || size.height > max_side) {
      return fail(ErrorKind::invalid_argument, "surface {} of {}x{} pixels is not possible", id,
                  size.width, size.height);
    }
    surfaces_[id] = {size, format, Region(Rect::of(size))};
    return {};
  }
  void destroy_surface(SurfaceId id) override { surfaces_.erase(id); }
  void destroy_all() override { surfaces_.clear(); }
  bool has_surface(SurfaceId id) const override { return surfaces_.contains(id); }
  Size surface_size(SurfaceId id) const override {
    const auto it = surfaces_.find(id);
    return it == surfaces_.end() ? Size{} : it->second.size;
  }
  PixelFormat surface_format(SurfaceId id) const override {
    const auto it = surfaces_.find(id);
    return it == surfaces_.end() ? PixelFormat::xrgb32 : it->second.format;
  }

  Result<void> draw(const DrawOp& op) override {
    const auto it = surfaces_.find(op.surface);
    if (it == surfaces_.end()) {
      return fail(ErrorKind::not_found, "{}: surface {} does not exist", name_of(op.operation),
                  op.surface);
    }
    Region changed(op.box.intersected(Rect::of(it->second.size)));
    if (op.clip.rects) changed.intersect(Region(std::span<const Rect>(*op.clip.rects)));
    it->second.damage.add(changed);
    return {};
  }

  Result<Bitmap> read(SurfaceId id, const Rect& area) override {
    const auto it = surfaces_.find(id);
    if (it == surfaces_.end()) return fail(ErrorKind::not_found, "surface {} does not exist", id);
    const Rect inside = area.intersected(Rect::of(it->second.size));
    return Bitmap::create_cleared(inside.empty() ? Size{} : inside.size(), it->second.format);
  }

  Region take_damage(SurfaceId id) override {
    const auto it = surfaces_.find(id);
    return it == surfaces_.end() ? Region() : std::exchange(it->second.damage, Region());
  }

 private:
  struct Surface {
    Size size;
    PixelFormat format = PixelFormat::xrgb32;
    Region damage;
  };
  std::unordered_map<SurfaceId, Surface> surfaces_;
};

}  // namespace

std::unique_ptr<Canvas> make_dummy_canvas() { return std::make_unique<DummyCanvas>(); }

}  // namespace cassia::raster
