// SPDX-License-Identifier: Apache-2.0
#include "server/guest/demo_painter.h"

#include "server/display/console_font.h"

namespace cassia::server {

using raster::Clip;
using raster::Rect;
using raster::SurfaceId;

raster::Clip clip_to(const raster::Region& region) { return Clip{region.rects()}; }

void DemoPainter::create(SurfaceId id, raster::Size size, bool primary) {
  events_.guest_surface_create(0, {id, size, raster::PixelFormat::xrgb32, primary});
}

void DemoPainter::draw(SurfaceId id, const Rect& box, raster::Operation operation,
                       const Clip& clip) {
  if (box.empty() || (clip.rects && clip.rects->empty())) return;
  events_.guest_draw(0, std::make_shared<const raster::DrawOp>(
                            raster::DrawOp{id, box, clip, std::move(operation)}));
}

void DemoPainter::fill(SurfaceId id, const Rect& box, raster::Color color, const Clip& clip) {
  raster::Fill fill;
  fill.brush = color;
  draw(id, box, std::move(fill), clip);
}

void DemoPainter::copy_surface(SurfaceId id, const Rect& box, SurfaceId from, raster::Point at,
                               const Clip& clip) {
  raster::Copy copy;
  copy.src.source = raster::SurfaceSource{from};
  copy.src_area = Rect::of(at, box.size());
  draw(id, box, std::move(copy), clip);
}

void DemoPainter::copy_bits(SurfaceId id, const Rect& box, raster::Point from, const Clip& clip) {
  draw(id, box, raster::CopyBits{from}, clip);
}

void DemoPainter::picture(SurfaceId id, raster::Point at, raster::BitmapPtr pixels,
                          std::uint64_t cache_id, const Clip& clip) {
  raster::Copy copy;
  const Rect box = Rect::of(at, pixels->size());
  copy.src_area = Rect::of(pixels->size());
  copy.src.identity = {cache_id, cache_id != 0};
  copy.src.source = std::move(pixels);
  draw(id, box, std::move(copy), clip);
}

void DemoPainter::text(SurfaceId id, raster::Point at, std::string_view text, raster::Color ink,
                       raster::Color paper, const Clip& clip) {
  for (const char character : text) {
    const std::uint64_t key = std::uint64_t{1} << 63 | std::uint64_t{ink} << 32 | paper << 8 |
                              static_cast<std::uint8_t>(character);
    raster::BitmapPtr& glyph = glyphs_[key];
    if (!glyph) {
      auto made = draw_text(std::string_view(&character, 1), ink, paper);
      if (!made) return;
      glyph = std::make_shared<const raster::Bitmap>(std::move(*made));
    }
    picture(id, at, glyph, key, clip);
    at.x += glyph_width;
  }
}

void DemoPainter::invert(SurfaceId id, const Rect& box, const Clip& clip) {
  draw(id, box, raster::Invers{}, clip);
}

}  // namespace cassia::server
