// SPDX-License-Identifier: Apache-2.0
#include "channels/display/draw_writer.h"

#include <spice/enums.h>

#include "channels/display/rop.h"

namespace cassia::channels {
namespace {

std::uint8_t scale_mode(raster::ScaleMode mode) {
  return mode == raster::ScaleMode::nearest ? SPICE_IMAGE_SCALE_MODE_NEAREST
                                            : SPICE_IMAGE_SCALE_MODE_INTERPOLATE;
}

spice::Transform to_wire(const raster::Transform& t) {
  return {t.m[0][0], t.m[0][1], t.m[0][2], t.m[1][0], t.m[1][1], t.m[1][2]};
}

template <class Message>
std::optional<DrawMessage> done(std::uint16_t type, const Message& message) {
  return DrawMessage{type, wire::encode_pieces(message)};
}

/// Rows from the bottom: stock clients take them so, whatever the string's flags say.
Result<spice::Glyph> to_wire(const raster::Glyph& glyph, unsigned depth) {
  if (glyph.size.width < 0 || glyph.size.height < 0 || glyph.size.width > 0xffff ||
      glyph.size.height > 0xffff) {
    return fail(ErrorKind::unsupported, "a glyph of {}x{} pixels", glyph.size.width,
                glyph.size.height);
  }
  spice::Glyph out;
  out.render_pos = channels::to_wire(glyph.render_pos);
  out.origin = channels::to_wire(glyph.origin);
  out.width = static_cast<std::uint16_t>(glyph.size.width);
  out.height = static_cast<std::uint16_t>(glyph.size.height);
  const std::size_t row = (std::size_t{out.width} * depth + 7) / 8;
  if (glyph.bits.size() < row * out.height) {
    return fail(ErrorKind::invalid_argument, "a glyph of {} bytes, not {}", glyph.bits.size(),
                row * out.height);
  }
  Bytes bits;
  bits.reserve(row * out.height);
  for (std::size_t y = out.height; y-- > 0;) {
    const auto from = glyph.bits.begin() + static_cast<std::ptrdiff_t>(y * row);
    bits.insert(bits.end(), from, from + static_cast<std::ptrdiff_t>(row));
  }
  out.data = wire::Blob(SharedBytes(std::move(bits)));
  return out;
}

}  // namespace

spice::Rect to_wire(const raster::Rect& r) { return {r.top, r.left, r.bottom, r.right}; }
spice::Point to_wire(const raster::Point& p) { return {p.x, p.y}; }
spice::Clip to_wire(const raster::Clip& clip) {
  spice::Clip out;
  if (!clip.rects) return out;
  out.type = SPICE_CLIP_TYPE_RECTS;
  out.rects.reserve(clip.rects->size());
  for (const raster::Rect& rect : *clip.rects) out.rects.push_back(to_wire(rect));
  return out;
}

Result<std::optional<DrawMessage>> DrawWriter::write(const raster::DrawOp& op) {
  const spice::DrawBase base{op.surface, to_wire(op.box), to_wire(op.clip)};
  return std::visit([&](const auto& operation) { return message(base, operation); }, op.operation);
}

Result<spice::Brush> DrawWriter::brush(const raster::Brush& brush) {
  spice::Brush out;
  if (const auto* color = std::get_if<raster::Color>(&brush)) {
    out.type = SPICE_BRUSH_TYPE_SOLID;
    out.color = *color;
  } else if (const auto* pattern = std::get_if<raster::Pattern>(&brush)) {
    out.type = SPICE_BRUSH_TYPE_PATTERN;
    out.pattern = CASSIA_TRY(images_.image(pattern->image));
    if (!out.pattern) return fail(ErrorKind::invalid_argument, "a brush has no pattern");
    out.pattern_pos = to_wire(pattern->origin);
  }
  return out;
}

Result<spice::QMask> DrawWriter::mask(const raster::Mask& mask) {
  spice::QMask out;
  out.flags = mask.inverse ? SPICE_MASK_FLAGS_INVERS : 0;
  out.pos = to_wire(mask.origin);
  out.bitmap = CASSIA_TRY(images_.image(mask.image));
  return out;
}

DrawWriter::Written DrawWriter::message(const spice::DrawBase& base, const raster::Fill& op) {
  if (op.rop == raster::Rop::noop) return std::optional<DrawMessage>{};
  spice::DrawFill m;
  m.base = base;
  m.brush = CASSIA_TRY(brush(op.brush));
  m.rop = descriptor_from_rop(op.rop, RopInput::brush, RopInput::destination);
  m.mask = CASSIA_TRY(mask(op.mask));
  return done(SPICE_MSG_DISPLAY_DRAW_FILL, m);
}

template <class Op>
DrawWriter::Written DrawWriter::copy_message(std::uint16_t type, const spice::DrawBase& base,
                                             const Op& op, raster::Rop rop) {
  if (rop == raster::Rop::noop) return std::optional<DrawMessage>{};
  spice::DrawCopy m;
  m.base = base;
  m.src = CASSIA_TRY(images_.image(op.src));
  m.src_area = to_wire(op.src_area);
  m.rop = descriptor_from_rop(rop, RopInput::source, RopInput::destination);
  m.scale_mode = scale_mode(op.scale);
  m.mask = CASSIA_TRY(mask(op.mask));
  return done(type, m);
}

DrawWriter::Written DrawWriter::message(const spice::DrawBase& base, const raster::Copy& op) {
  return copy_message(SPICE_MSG_DISPLAY_DRAW_COPY, base, op, op.rop);
}

DrawWriter::Written DrawWriter::message(const spice::DrawBase& base, const raster::Blend& op) {
  return copy_message(SPICE_MSG_DISPLAY_DRAW_BLEND, base, op, op.rop);
}

DrawWriter::Written DrawWriter::message(const spice::DrawBase& base, const raster::Opaque& op) {
  // The brush changes nothing: what remains is a copy of the source.
  if (op.rop == raster::Rop::noop) {
    return copy_message(SPICE_MSG_DISPLAY_DRAW_COPY, base, op, raster::Rop::copy);
  }
  spice::DrawOpaque m;
  m.base = base;
  m.src = CASSIA_TRY(images_.image(op.src));
  m.src_area = to_wire(op.src_area);
  m.brush = CASSIA_TRY(brush(op.brush));
  m.rop = descriptor_from_rop(op.rop, RopInput::brush, RopInput::source);
  m.scale_mode = scale_mode(op.scale);
  m.mask = CASSIA_TRY(mask(op.mask));
  return done(SPICE_MSG_DISPLAY_DRAW_OPAQUE, m);
}

DrawWriter::Written DrawWriter::message(const spice::DrawBase& base, const raster::CopyBits& op) {
  return done(SPICE_MSG_DISPLAY_COPY_BITS, spice::CopyBits{base, to_wire(op.src)});
}

DrawWriter::Written DrawWriter::masked_message(std::uint16_t type, const spice::DrawBase& base,
                                               const raster::Mask& bits) {
  spice::DrawMasked m;
  m.base = base;
  m.mask = CASSIA_TRY(mask(bits));
  return done(type, m);
}

DrawWriter::Written DrawWriter::message(const spice::DrawBase& base, const raster::Blackness& op) {
  return masked_message(SPICE_MSG_DISPLAY_DRAW_BLACKNESS, base, op.mask);
}

DrawWriter::Written DrawWriter::message(const spice::DrawBase& base, const raster::Whiteness& op) {
  return masked_message(SPICE_MSG_DISPLAY_DRAW_WHITENESS, base, op.mask);
}

DrawWriter::Written DrawWriter::message(const spice::DrawBase& base, const raster::Invers& op) {
  return masked_message(SPICE_MSG_DISPLAY_DRAW_INVERS, base, op.mask);
}

DrawWriter::Written DrawWriter::message(const spice::DrawBase& base, const raster::Rop3& op) {
  spice::DrawRop3 m;
  m.base = base;
  m.src = CASSIA_TRY(images_.image(op.src));
  m.src_area = to_wire(op.src_area);
  m.brush = CASSIA_TRY(brush(op.brush));
  m.rop3 = op.rop3;
  m.scale_mode = scale_mode(op.scale);
  m.mask = CASSIA_TRY(mask(op.mask));
  return done(SPICE_MSG_DISPLAY_DRAW_ROP3, m);
}

DrawWriter::Written DrawWriter::message(const spice::DrawBase& base,
                                        const raster::Transparent& op) {
  spice::DrawTransparent m;
  m.base = base;
  m.src = CASSIA_TRY(images_.image(op.src));
  m.src_area = to_wire(op.src_area);
  m.src_color = op.key;
  m.true_color = op.true_key;
  return done(SPICE_MSG_DISPLAY_DRAW_TRANSPARENT, m);
}

DrawWriter::Written DrawWriter::message(const spice::DrawBase& base, const raster::AlphaBlend& op) {
  spice::DrawAlphaBlend m;
  m.base = base;
  m.alpha_flags = static_cast<std::uint8_t>(
      (op.dest_has_alpha ? SPICE_ALPHA_FLAGS_DEST_HAS_ALPHA : 0) |
      (op.src_surface_has_alpha ? SPICE_ALPHA_FLAGS_SRC_SURFACE_HAS_ALPHA : 0));
  m.alpha = op.alpha;
  m.src = CASSIA_TRY(images_.image(op.src));
  m.src_area = to_wire(op.src_area);
  return done(SPICE_MSG_DISPLAY_DRAW_ALPHA_BLEND, m);
}

DrawWriter::Written DrawWriter::message(const spice::DrawBase& base, const raster::Stroke& op) {
  if (op.fore_rop == raster::Rop::noop) return std::optional<DrawMessage>{};
  spice::DrawStroke m;
  m.base = base;
  for (const raster::PathSegment& segment : op.path) {
    spice::PathSegment& out = m.path.emplace_back();
    out.flags = segment.flags;
    for (const raster::FixedPoint& point : segment.points) out.points.push_back({point.x, point.y});
  }
  if (op.dashes.size() > 255) {
    return fail(ErrorKind::unsupported, "a line style of {} dashes", op.dashes.size());
  }
  if (!op.dashes.empty()) {
    m.line_flags = spice::DrawStroke::styled;
    if (op.dash_starts_with_gap) m.line_flags |= spice::DrawStroke::start_with_gap;
    m.dashes = op.dashes;
  }
  m.brush = CASSIA_TRY(brush(op.brush));
  m.fore_mode = descriptor_from_rop(op.fore_rop, RopInput::brush, RopInput::destination);
  m.back_mode = descriptor_from_rop(op.back_rop, RopInput::brush, RopInput::destination);
  return done(SPICE_MSG_DISPLAY_DRAW_STROKE, m);
}

DrawWriter::Written DrawWriter::message(const spice::DrawBase& base, const raster::Text& op) {
  if (op.glyphs.size() > 0xffff) {
    return fail(ErrorKind::unsupported, "a text of {} glyphs", op.glyphs.size());
  }
  spice::DrawText m;
  m.base = base;
  switch (op.depth) {
    case 1:
      m.string_flags = SPICE_STRING_FLAGS_RASTER_A1;
      break;
    case 4:
      m.string_flags = SPICE_STRING_FLAGS_RASTER_A4;
      break;
    case 8:
      m.string_flags = SPICE_STRING_FLAGS_RASTER_A8;
      break;
    default:
      return fail(ErrorKind::invalid_argument, "glyphs of {} bits", op.depth);
  }
  for (const raster::Glyph& glyph : op.glyphs) {
    m.glyphs.push_back(CASSIA_TRY(to_wire(glyph, op.depth)));
  }
  m.back_area = to_wire(op.back_area);
  // A rop that keeps the destination cannot be stated: leave that part of the text out.
  if (op.fore_rop != raster::Rop::noop) m.fore_brush = CASSIA_TRY(brush(op.fore_brush));
  if (op.back_rop != raster::Rop::noop) {
    m.back_brush = CASSIA_TRY(brush(op.back_brush));
  } else {
    m.back_area = {};
  }
  m.fore_mode = descriptor_from_rop(op.fore_rop, RopInput::brush, RopInput::destination);
  m.back_mode = descriptor_from_rop(op.back_rop, RopInput::brush, RopInput::destination);
  return done(SPICE_MSG_DISPLAY_DRAW_TEXT, m);
}

DrawWriter::Written DrawWriter::message(const spice::DrawBase& base, const raster::Composite& op) {
  if (!composite_) return fail(ErrorKind::unsupported, "the client knows no composite");
  using Wire = spice::DrawComposite;
  spice::DrawComposite m;
  m.base = base;
  m.flags = op.flags & ~(Wire::has_mask | Wire::has_src_transform | Wire::has_mask_transform);
  m.src = CASSIA_TRY(images_.image(op.src));
  m.mask = CASSIA_TRY(images_.image(op.mask));
  if (m.mask) m.flags |= Wire::has_mask;
  if (op.src_transform) {
    m.flags |= Wire::has_src_transform;
    m.src_transform = to_wire(*op.src_transform);
  }
  if (op.mask_transform) {
    m.flags |= Wire::has_mask_transform;
    m.mask_transform = to_wire(*op.mask_transform);
  }
  m.src_origin = {static_cast<std::int16_t>(op.src_origin.x),
                  static_cast<std::int16_t>(op.src_origin.y)};
  m.mask_origin = {static_cast<std::int16_t>(op.mask_origin.x),
                   static_cast<std::int16_t>(op.mask_origin.y)};
  return done(SPICE_MSG_DISPLAY_DRAW_COMPOSITE, m);
}

}  // namespace cassia::channels
