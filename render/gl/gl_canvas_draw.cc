// SPDX-License-Identifier: Apache-2.0
#include "render/gl/gl_canvas.h"
#include "render/raster/pixel_ops.h"

namespace cassia::raster::gl {
namespace {

PixelFormat with_alpha(PixelFormat format, bool has_alpha) {
  return has_alpha && format == PixelFormat::xrgb32 ? PixelFormat::argb32 : format;
}

}  // namespace

Result<void> GlCanvas::fill(const Target& target, const Region& region, const Paint& paint,
                            Rop rop) {
  begin(Pass::paint, target, target.format);
  set_unsigned("rop", static_cast<std::uint32_t>(rop));
  CASSIA_TRY(use_paint(paint, target.format));
  if (rop_reads_destination(rop)) CASSIA_TRY(use_below(target, region));
  finish(target, region);
  return {};
}

Result<void> GlCanvas::blit(const Target& target, const Region& region, const Source& source,
                            Point offset, Rop rop) {
  const Rect part = region.bounds();
  if (rop == Rop::copy && region.rects().size() == 1) {
    // Nothing to compute: an upload or a copy of just these pixels.
    const Rect from = part.translated(-offset.x, -offset.y);
    Texture& to = textures_.at(target.id);
    if (const auto* id = std::get_if<SurfaceId>(&source)) {
      textures_.at(*id).copy_to(to, from, part.origin());
      return {};
    }
    const BitmapPtr& bitmap = std::get<BitmapPtr>(source);
    const Texture* cached = CASSIA_TRY(cache_.find(bitmap));
    cached != nullptr ? cached->copy_to(to, from, part.origin())
                      : to.upload(*bitmap, from, part.origin());
    return {};
  }
  begin(Pass::source, target, target.format);
  set_unsigned("rop", static_cast<std::uint32_t>(rop));
  set("scaled", 0);
  set("source_offset", offset);
  CASSIA_TRY(use_source(source, part.translated(-offset.x, -offset.y), target.format));
  if (rop_reads_destination(rop)) CASSIA_TRY(use_below(target, region));
  finish(target, region);
  return {};
}

Result<void> GlCanvas::stretch(const Target& target, const Region& region, const Source& source,
                               const Stretch& stretch, Rop rop) {
  begin(Pass::source, target, target.format);
  set_unsigned("rop", static_cast<std::uint32_t>(rop));
  CASSIA_TRY(use_scaled_source(region, source, stretch, stretch.mode == ScaleMode::interpolate,
                               format_of(source)));
  if (rop_reads_destination(rop)) CASSIA_TRY(use_below(target, region));
  finish(target, region);
  return {};
}

Result<void> GlCanvas::color_key(const Target& target, const Region& region, const Source& source,
                                 const Stretch& stretch, std::uint32_t key) {
  const int bits = bits_per_pixel(target.format);
  const std::uint32_t mask = bits >= 24 ? 0xffffffu : (1u << bits) - 1;
  begin(Pass::key, target, target.format);
  set_unsigned("key", key & mask);
  set_unsigned("key_mask", mask);
  CASSIA_TRY(use_scaled_source(region, source, stretch, false, format_of(source)));
  finish(target, region);
  return {};
}

Result<void> GlCanvas::blend(const Target& target, const Region& region, const Source& source,
                             const Stretch& stretch, const BlendMode& mode) {
  begin(Pass::over, target, with_alpha(target.format, mode.target_has_alpha));
  set_unsigned("alpha", mode.alpha);
  CASSIA_TRY(use_scaled_source(region, source, stretch, false,
                               with_alpha(format_of(source), mode.source_has_alpha)));
  CASSIA_TRY(use_below(target, region));
  finish(target, region);
  return {};
}

Result<void> GlCanvas::paint_mask(const Target& target, const Region& region, const Paint& paint,
                                  const Bitmap& mask, Point at) {
  begin(Pass::mask, target, target.format);
  CASSIA_TRY(use_paint(paint, target.format));
  const Texture* through = CASSIA_TRY(scratch(mask_unit, mask.size(), mask.format()));
  const_cast<Texture*>(through)->upload(mask, Rect::of(mask.size()), {});
  bind(mask_unit, through->id());
  set("mask_offset", at);
  set_unsigned("mask_scale", mask.format() == PixelFormat::a1 ? 255 : 1);
  CASSIA_TRY(use_below(target, region));
  finish(target, region);
  return {};
}

Result<void> GlCanvas::ternary(const Target& target, const Region& region, const Source& source,
                               Point offset, const Paint& paint, std::uint8_t code) {
  begin(Pass::ternary, target, target.format);
  set_unsigned("rop", code);
  set("scaled", 0);
  set("source_offset", offset);
  CASSIA_TRY(use_source(source, region.bounds().translated(-offset.x, -offset.y), target.format));
  CASSIA_TRY(use_paint(paint, target.format));
  CASSIA_TRY(use_below(target, region));
  finish(target, region);
  return {};
}

Result<void> GlCanvas::move(const Target& target, const Region& region, Point offset) {
  const Rect to = region.bounds();
  const Rect from = to.translated(-offset.x, -offset.y).intersected(Rect::of(target.size));
  const Texture* copy = CASSIA_TRY(scratch(source_unit, from.size(), target.format));
  textures_.at(target.id).copy_to(*copy, from, {});
  if (region.rects().size() == 1) {
    copy->copy_to(textures_.at(target.id), Rect::of(to.size()), to.origin());
    return {};
  }
  begin(Pass::source, target, target.format);
  set_unsigned("rop", static_cast<std::uint32_t>(Rop::copy));
  set("scaled", 0);
  set("source_offset", offset);
  set("source_origin", from.origin());
  set("source_size", Point{target.size.width, target.size.height});
  bind(source_unit, copy->id());
  finish(target, region);
  return {};
}

}  // namespace cassia::raster::gl
