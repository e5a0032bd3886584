// SPDX-License-Identifier: Apache-2.0
// Surfaces, fills, copies and raster operations of the reference canvas.

#include "render/raster/reference_canvas.h"

#include "render/raster/pixel_ops.h"
#include "render/raster/pixman_image.h"

namespace cassia::raster {

const Bitmap* ReferenceCanvas::peek(SurfaceId id) const {
  const auto it = pixels_.find(id);
  return it == pixels_.end() ? nullptr : &it->second;
}

const Bitmap& ReferenceCanvas::pixels(const Source& source) const {
  const auto* bitmap = std::get_if<BitmapPtr>(&source);
  return bitmap ? **bitmap : pixels_.at(std::get<SurfaceId>(source));
}

Result<void> ReferenceCanvas::allocate(const Target& target) {
  pixels_[target.id] = CASSIA_TRY(Bitmap::create_cleared(target.size, target.format));
  return {};
}

void ReferenceCanvas::release(SurfaceId id) { pixels_.erase(id); }

Result<Bitmap> ReferenceCanvas::read_back(const Target& target, const Rect& area) {
  return pixels(target.id).copy(area);
}

Result<void> ReferenceCanvas::fill(const Target& target, const Region& region, const Paint& paint,
                                   Rop rop) {
  Bitmap& to = pixels(target.id);
  if (const auto* value = std::get_if<std::uint32_t>(&paint)) {
    for_each_rect(region, [&](const Rect& area) { fill_rect(to, area, *value, rop); });
    return {};
  }
  const Tile& tile = std::get<Tile>(paint);
  const Bitmap& from = pixels(tile.source);
  for_each_rect(region, [&](const Rect& area) { tile_rect(to, area, from, tile.origin, rop); });
  return {};
}

Result<void> ReferenceCanvas::blit(const Target& target, const Region& region, const Source& source,
                                   Point offset, Rop rop) {
  Bitmap& to = pixels(target.id);
  const Bitmap& from = pixels(source);
  for_each_rect(region, [&](const Rect& area) { blit_rect(to, area, from, offset, rop); });
  return {};
}

Result<void> ReferenceCanvas::ternary(const Target& target, const Region& region,
                                      const Source& source, Point offset, const Paint& paint,
                                      std::uint8_t code) {
  Rop3Pattern pattern;
  if (const auto* value = std::get_if<std::uint32_t>(&paint)) {
    pattern.value = *value;
  } else {
    const Tile& tile = std::get<Tile>(paint);
    pattern.tile = &pixels(tile.source);
    pattern.origin = tile.origin;
  }
  Bitmap& to = pixels(target.id);
  const Bitmap& from = pixels(source);
  for_each_rect(region,
                [&](const Rect& area) { rop3_rect(to, area, from, offset, pattern, code); });
  return {};
}

Result<void> ReferenceCanvas::move(const Target& target, const Region& region, Point offset) {
  Bitmap& bitmap = pixels(target.id);
  const std::vector<Rect> rects = region.rects();
  if (rects.size() == 1) {
    move_rect(bitmap, rects.front(), offset);
    return {};
  }
  // Rectangles come in bands from top to bottom, each from left to right. A rectangle must be
  // written after all those that read from where it lies: walk against the movement.
  const auto count = static_cast<std::ptrdiff_t>(rects.size());
  const auto band_end = [&](std::ptrdiff_t i, std::ptrdiff_t step) {
    const std::int32_t top = rects[static_cast<std::size_t>(i)].top;
    while (i >= 0 && i < count && rects[static_cast<std::size_t>(i)].top == top) i += step;
    return i;
  };
  const std::ptrdiff_t step = offset.y > 0 ? -1 : 1;
  for (std::ptrdiff_t i = step > 0 ? 0 : count - 1; i >= 0 && i < count;) {
    const std::ptrdiff_t next = band_end(i, step);
    const std::ptrdiff_t low = std::min(i, next - step), high = std::max(i, next - step);
    for (std::ptrdiff_t k = 0; k <= high - low; ++k) {
      const std::ptrdiff_t at = offset.x > 0 ? high - k : low + k;
      move_rect(bitmap, rects[static_cast<std::size_t>(at)], offset);
    }
    i = next;
  }
  return {};
}

std::unique_ptr<Canvas> make_reference_canvas() { return std::make_unique<ReferenceCanvas>(); }

}  // namespace cassia::raster
