// SPDX-License-Identifier: Apache-2.0
#pragma once

// The canvas whose surfaces are Bitmaps: pixman for anything that scales or blends, row kernels for
// the rest. It defines what every operation means. Other memory canvases derive from it and replace
// the primitives they do better.

#include <unordered_map>

#include "render/raster/canvas_base.h"

namespace cassia::raster {

class ReferenceCanvas : public CanvasBase {
 public:
  std::string_view name() const override { return "reference"; }
  const Bitmap* peek(SurfaceId id) const override;

 protected:
  Result<void> allocate(const Target& target) override;
  void release(SurfaceId id) override;
  Result<Bitmap> read_back(const Target& target, const Rect& area) override;
  Result<void> fill(const Target& target, const Region& region, const Paint& paint,
                    Rop rop) override;
  Result<void> blit(const Target& target, const Region& region, const Source& source, Point offset,
                    Rop rop) override;
  Result<void> stretch(const Target& target, const Region& region, const Source& source,
                       const Stretch& stretch, Rop rop) override;
  Result<void> color_key(const Target& target, const Region& region, const Source& source,
                         const Stretch& stretch, std::uint32_t key) override;
  Result<void> blend(const Target& target, const Region& region, const Source& source,
                     const Stretch& stretch, const BlendMode& mode) override;
  Result<void> paint_mask(const Target& target, const Region& region, const Paint& paint,
                          const Bitmap& mask, Point at) override;
  Result<void> ternary(const Target& target, const Region& region, const Source& source,
                       Point offset, const Paint& paint, std::uint8_t code) override;
  Result<void> composite(const Target& target, const Region& region, const Rect& box,
                         const Composite& op, const Source& source,
                         const std::optional<Source>& mask) override;
  Result<void> move(const Target& target, const Region& region, Point offset) override;

  Bitmap& pixels(SurfaceId id) { return pixels_.at(id); }
  /// For allocate() of a canvas whose pixels something else provides; they are zero.
  void adopt(SurfaceId id, Bitmap pixels) { pixels_[id] = std::move(pixels); }
  const Bitmap& pixels(const Source& source) const;

 private:
  /// `part` of the stretched source, in the target's format.
  Result<Bitmap> scaled(const Target& target, const Source& source, const Stretch& stretch,
                        const Rect& part, ScaleMode mode) const;

  std::unordered_map<SurfaceId, Bitmap> pixels_;
};

/// Calls `body(const Rect&)` for every rectangle of a region, without copying the list.
template <class Body>
void for_each_rect(const Region& region, Body&& body) {
  int count = 0;
  const pixman_box32_t* boxes =
      pixman_region32_rectangles(const_cast<pixman_region32_t*>(region.pixman()), &count);
  for (int i = 0; i < count; ++i) {
    body(Rect{boxes[i].x1, boxes[i].y1, boxes[i].x2, boxes[i].y2});
  }
}

/// One composite in memory. `region` and `box` are in the target's coordinates; `mask` may be null.
Result<void> composite_bitmaps(Bitmap& target, const Region& region, const Rect& box,
                               const Composite& op, const Bitmap& source, const Bitmap* mask);

/// Clears the x byte of xrgb32 pixels, which pixman may have set.
void clear_unused_bits(Bitmap& bitmap, const Region& region);

}  // namespace cassia::raster
