// SPDX-License-Identifier: Apache-2.0
#include "render/raster/canvas_base.h"

#include <utility>

#include "render/raster/pixman_image.h"

namespace cassia::raster {

Result<void> CanvasBase::create_surface(SurfaceId id, Size size, PixelFormat format) {
  if (size.empty() || size.width > max_side || size.height > max_side) {
    return fail(ErrorKind::invalid_argument, "surface {} of {}x{} pixels is not possible", id,
                size.width, size.height);
  }
  destroy_surface(id);
  const Target target{id, size, format};
  CASSIA_TRY(allocate(target));
  surfaces_[id] = Entry{target, Region(Rect::of(size))};
  return {};
}

void CanvasBase::destroy_surface(SurfaceId id) {
  if (surfaces_.erase(id) > 0) release(id);
}

void CanvasBase::destroy_all() {
  while (!surfaces_.empty()) destroy_surface(surfaces_.begin()->first);
}

std::optional<CanvasBase::Target> CanvasBase::target_of(SurfaceId id) const {
  const auto it = surfaces_.find(id);
  if (it == surfaces_.end()) return std::nullopt;
  return it->second.target;
}

Size CanvasBase::surface_size(SurfaceId id) const {
  const auto target = target_of(id);
  return target ? target->size : Size{};
}

PixelFormat CanvasBase::surface_format(SurfaceId id) const {
  const auto target = target_of(id);
  return target ? target->format : PixelFormat::xrgb32;
}

Result<Bitmap> CanvasBase::read(SurfaceId id, const Rect& area) {
  const auto target = target_of(id);
  if (!target) return fail(ErrorKind::not_found, "surface {} does not exist", id);
  const Rect inside = area.intersected(Rect::of(target->size));
  if (inside.empty()) return Bitmap::create({0, 0}, target->format);
  return read_back(*target, inside);
}

Region CanvasBase::take_damage(SurfaceId id) {
  const auto it = surfaces_.find(id);
  return it == surfaces_.end() ? Region() : std::exchange(it->second.damage, Region());
}

Size CanvasBase::size_of(const Source& source) const {
  const auto* bitmap = std::get_if<BitmapPtr>(&source);
  return bitmap ? (*bitmap)->size() : surface_size(std::get<SurfaceId>(source));
}

PixelFormat CanvasBase::format_of(const Source& source) const {
  const auto* bitmap = std::get_if<BitmapPtr>(&source);
  return bitmap ? (*bitmap)->format() : surface_format(std::get<SurfaceId>(source));
}

Result<BitmapPtr> CanvasBase::in_memory(const Source& source) {
  if (const auto* bitmap = std::get_if<BitmapPtr>(&source)) return *bitmap;
  const SurfaceId id = std::get<SurfaceId>(source);
  if (const Bitmap* pixels = peek(id)) return std::make_shared<const Bitmap>(*pixels);
  return std::make_shared<const Bitmap>(CASSIA_TRY(read(id, Rect::of(surface_size(id)))));
}

std::int32_t CanvasBase::Stretch::step_x() const {
  return static_cast<std::int32_t>((std::int64_t{from.width()} << 16) / to.width());
}
std::int32_t CanvasBase::Stretch::step_y() const {
  return static_cast<std::int32_t>((std::int64_t{from.height()} << 16) / to.height());
}

Result<Bitmap> convert(const Bitmap& bitmap, PixelFormat format) {
  Bitmap result = CASSIA_TRY(Bitmap::create_cleared(bitmap.size(), format));
  if (bitmap.size().empty()) return result;
  const PixmanImage from = pixman_over(bitmap);
  const PixmanImage to = pixman_over(result);
  pixman_image_composite32(PIXMAN_OP_SRC, from.get(), nullptr, to.get(), 0, 0, 0, 0, 0, 0,
                           bitmap.width(), bitmap.height());
  return result;
}

std::uint32_t to_rgb555(Color c) {
  return ((c >> 3) & 0x1f) | ((c >> 6) & 0x3e0) | ((c >> 9) & 0x7c00);
}
std::uint32_t to_rgb565(Color c) {
  return ((c >> 3) & 0x1f) | ((c >> 5) & 0x7e0) | ((c >> 8) & 0xf800);
}

std::uint32_t opaque_argb(std::uint32_t pixel, PixelFormat format) {
  // A component of n bits becomes one of 8 by repeating its upper bits, as pixman does.
  const auto five = [](std::uint32_t v) { return (v << 3) | (v >> 2); };
  const auto six = [](std::uint32_t v) { return (v << 2) | (v >> 4); };
  std::uint32_t rgb = pixel & 0xffffff;
  if (format == PixelFormat::rgb555) {
    rgb = five((pixel >> 10) & 31) << 16 | five((pixel >> 5) & 31) << 8 | five(pixel & 31);
  } else if (format == PixelFormat::rgb565) {
    rgb = five((pixel >> 11) & 31) << 16 | six((pixel >> 5) & 63) << 8 | five(pixel & 31);
  }
  return 0xff000000u | rgb;
}

}  // namespace cassia::raster
