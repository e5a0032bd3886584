// SPDX-License-Identifier: Apache-2.0
#include "render/raster/glyphs.h"

#include "render/raster/pixel_ops.h"

namespace cassia::raster {
namespace {

constexpr std::int32_t max_position = 1 << 24;

Rect box_of(const Glyph& glyph) {
  return Rect::of({glyph.render_pos.x + glyph.origin.x, glyph.render_pos.y + glyph.origin.y},
                  glyph.size);
}

bool in_range(Point p) {
  return p.x > -max_position && p.x < max_position && p.y > -max_position && p.y < max_position;
}

Result<void> check(const Glyph& glyph, unsigned depth) {
  if (glyph.size.width < 0 || glyph.size.height < 0 || glyph.size.width > max_side ||
      glyph.size.height > max_side || !in_range(glyph.render_pos) || !in_range(glyph.origin)) {
    return fail(ErrorKind::malformed, "a glyph of {}x{} pixels at {},{} is not possible",
                glyph.size.width, glyph.size.height, glyph.render_pos.x, glyph.render_pos.y);
  }
  const std::size_t stride = (static_cast<std::size_t>(glyph.size.width) * depth + 7) / 8;
  if (glyph.bits.size() < stride * static_cast<std::size_t>(glyph.size.height)) {
    return fail(ErrorKind::malformed, "a glyph of {}x{} pixels has only {} bytes", glyph.size.width,
                glyph.size.height, glyph.bits.size());
  }
  return {};
}

/// Glyph pixels come most significant bits first.
unsigned sample(const std::uint8_t* row, std::int32_t x, unsigned depth) {
  switch (depth) {
    case 1:
      return (row[x / 8] >> (7 - x % 8)) & 1u;
    case 4:
      return x % 2 == 0 ? row[x / 2] & 0xf0u : (row[x / 2] << 4) & 0xf0u;
    default:
      return row[x];
  }
}

void put(const Glyph& glyph, unsigned depth, Bitmap& mask, Point mask_at, const Rect& visible) {
  const Rect box = box_of(glyph);
  const Rect part = box.intersected(visible);
  const std::size_t stride = (static_cast<std::size_t>(glyph.size.width) * depth + 7) / 8;
  for (std::int32_t y = part.top; y < part.bottom; ++y) {
    const std::uint8_t* row = glyph.bits.data() + stride * static_cast<std::size_t>(y - box.top);
    for (std::int32_t x = part.left; x < part.right; ++x) {
      const unsigned alpha = sample(row, x - box.left, depth);
      const Point at{x - mask_at.x, y - mask_at.y};
      if (alpha > pixel_at(mask, at)) set_pixel(mask, at, alpha);
    }
  }
}

}  // namespace

Result<GlyphMask> glyph_mask(const Text& text, const Rect& visible) {
  if (text.depth != 1 && text.depth != 4 && text.depth != 8) {
    return fail(ErrorKind::unsupported, "text with {} bits a pixel is not known", text.depth);
  }
  Rect bounds;
  for (const Glyph& glyph : text.glyphs) {
    CASSIA_TRY(check(glyph, text.depth));
    bounds = bounds.united(box_of(glyph));
  }
  bounds = bounds.intersected(visible);
  if (bounds.empty()) return GlyphMask{};
  GlyphMask result;
  result.at = bounds.origin();
  result.mask = CASSIA_TRY(
      Bitmap::create_cleared(bounds.size(), text.depth == 1 ? PixelFormat::a1 : PixelFormat::a8));
  for (const Glyph& glyph : text.glyphs) {
    put(glyph, text.depth, result.mask, result.at, bounds);
  }
  return result;
}

}  // namespace cassia::raster
