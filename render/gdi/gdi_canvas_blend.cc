// SPDX-License-Identifier: Apache-2.0
// Blends and text by GDI; and what stays with the reference's code, on the same memory.

#include "render/gdi/drawing.h"
#include "render/gdi/rop_codes.h"
#include "render/raster/pixel_ops.h"

namespace cassia::raster::gdi {
namespace {

bool is_32bit(PixelFormat format) { return bits_per_pixel(format) == 32; }

/// No colour is more than its alpha: GdiAlphaBlend() would let the sum run over.
bool is_premultiplied(const Bitmap& bitmap, const Rect& area) {
  for (std::int32_t y = area.top; y < area.bottom; ++y) {
    const std::uint32_t* row = bitmap.row32(y);
    for (std::int32_t x = area.left; x < area.right; ++x) {
      const std::uint32_t pixel = row[x], alpha = pixel >> 24;
      if (((pixel >> 16) & 255) > alpha || ((pixel >> 8) & 255) > alpha || (pixel & 255) > alpha) {
        return false;
      }
    }
  }
  return true;
}

/// The bits of a mask in GDI's order (the highest is the leftmost), rows of whole 16-bit words.
OwnedBitmap bits_of(const Bitmap& mask, const Rect& part) {
  const std::size_t stride = (static_cast<std::size_t>(part.width()) + 15) / 16 * 2;
  std::vector<std::uint8_t> bits(stride * static_cast<std::size_t>(part.height()));
  for (std::int32_t y = 0; y < part.height(); ++y) {
    std::uint8_t* row = bits.data() + stride * static_cast<std::size_t>(y);
    for (std::int32_t x = 0; x < part.width(); ++x) {
      if (pixel_at(mask, {part.left + x, part.top + y}) != 0) row[x / 8] |= 0x80 >> (x % 8);
    }
  }
  return OwnedBitmap(::CreateBitmap(part.width(), part.height(), 1, 1, bits.data()));
}

}  // namespace

Result<void> GdiCanvas::stretch(const Target& target, const Region& region, const Source& source,
                                const Stretch& stretch, Rop rop) {
  settle();
  return ReferenceCanvas::stretch(target, region, source, stretch, rop);
}

Result<void> GdiCanvas::color_key(const Target& target, const Region& region, const Source& source,
                                  const Stretch& stretch, std::uint32_t key) {
  settle();
  return ReferenceCanvas::color_key(target, region, source, stretch, key);
}

Result<void> GdiCanvas::composite(const Target& target, const Region& region, const Rect& box,
                                  const Composite& op, const Source& source,
                                  const std::optional<Source>& mask) {
  settle();
  return ReferenceCanvas::composite(target, region, box, op, source, mask);
}

/// The part of a source as premultiplied pixels with alpha, or nothing if it cannot be had so.
Result<std::optional<GdiCanvas::Picture>> GdiCanvas::blend_picture(const Target& target,
                                                                   const Source& source,
                                                                   const Rect& part,
                                                                   const BlendMode& mode) {
  settle();
  const Bitmap& from = pixels(source);
  const bool whole = Rect::of(from.size()).contains(part);
  if (!whole || !is_32bit(from.format()) || !is_32bit(target.format)) {
    return std::optional<Picture>();
  }
  const bool has_alpha = from.format() == PixelFormat::argb32 || mode.source_has_alpha;
  if (has_alpha) {
    if (!is_premultiplied(from, part)) return std::optional<Picture>();
    return std::optional<Picture>(CASSIA_TRY(picture_of(source, part)));
  }
  Picture picture;
  picture.copy = CASSIA_TRY(Dib::copy_of(from, part));
  fill_rect(picture.copy->bitmap(), Rect::of(part.size()), 0xff000000u, Rop::or_);
  picture.handle = picture.copy->handle();
  picture.at = part.origin();
  return std::optional<Picture>(std::move(picture));
}

Result<void> GdiCanvas::blend(const Target& target, const Region& region, const Source& source,
                              const Stretch& stretch, const BlendMode& mode) {
  const Point offset{stretch.to.left - stretch.from.left, stretch.to.top - stretch.from.top};
  const Rect part = region.bounds().translated(-offset.x, -offset.y);
  std::optional<Picture> picture;
  if (!stretch.scales() && handle(target.id) != nullptr) {
    picture = CASSIA_TRY(blend_picture(target, source, part, mode));
  }
  if (!picture) {
    settle();
    return ReferenceCanvas::blend(target, region, source, stretch, mode);
  }
  {
    const Drawing drawing(*this, target, region);
    const Selected selected(source_dc_.get(), picture->handle);
    const Rect& to = drawing.bounds();
    const BLENDFUNCTION function{AC_SRC_OVER, 0, mode.alpha, AC_SRC_ALPHA};
    CASSIA_TRY(check(::GdiAlphaBlend(drawing.dc(), to.left, to.top, to.width(), to.height(),
                                     source_dc_.get(), part.left - picture->at.x,
                                     part.top - picture->at.y, to.width(), to.height(), function),
                     "GdiAlphaBlend"));
  }
  settle();
  if (!mode.target_has_alpha) clear_unused_bits(pixels(target.id), region);
  return {};
}

/// What an opaque paint puts on `part` of the target.
Result<Dib> GdiCanvas::painted(const Target& target, const Rect& part, const Paint& paint) {
  settle();
  Dib dib = CASSIA_TRY(Dib::create(part.size(), target.format));
  const Rect whole = Rect::of(part.size());
  if (const auto* value = std::get_if<std::uint32_t>(&paint)) {
    fill_rect(dib.bitmap(), whole, *value, Rop::copy);
  } else {
    const Tile& tile = std::get<Tile>(paint);
    const Bitmap& from = pixels(tile.source);
    const Point origin{wrap_coordinate(std::int64_t{tile.origin.x} - part.left, from.width()),
                       wrap_coordinate(std::int64_t{tile.origin.y} - part.top, from.height())};
    tile_rect(dib.bitmap(), whole, from, origin, Rop::copy);
  }
  return dib;
}

Result<void> GdiCanvas::paint_mask(const Target& target, const Region& region, const Paint& paint,
                                   const Bitmap& mask, Point at) {
  // Coverage in steps is arithmetic; so is what reaches an alpha channel, which MaskBlt() loses.
  const bool has_alpha = target.format == PixelFormat::a8 || target.format == PixelFormat::argb32;
  if (handle(target.id) == nullptr || has_alpha || mask.format() != PixelFormat::a1) {
    settle();
    return ReferenceCanvas::paint_mask(target, region, paint, mask, at);
  }
  const Rect part = region.bounds();
  const OwnedBitmap bits = bits_of(mask, part.translated(-at.x, -at.y));
  CASSIA_TRY(check(bits != nullptr, "CreateBitmap"));
  const Dib from = CASSIA_TRY(painted(target, part, paint));
  {
    const Drawing drawing(*this, target, region);
    const Selected selected(source_dc_.get(), from.handle());
    CASSIA_TRY(check(
        ::MaskBlt(drawing.dc(), part.left, part.top, part.width(), part.height(), source_dc_.get(),
                  0, 0, bits.get(), 0, 0, MAKEROP4(source_code(Rop::copy), keep_code)),
        "MaskBlt"));
  }
  settle();
  clear_unused_bits(pixels(target.id), region);
  return {};
}

}  // namespace cassia::raster::gdi
