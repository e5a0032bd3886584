// SPDX-License-Identifier: Apache-2.0
#include "channels/display/draw_reader.h"

#include <spice/enums.h>

#include "channels/display/draw_check.h"
#include "channels/display/rop.h"

namespace cassia::channels {
namespace {

raster::ScaleMode scale_mode(std::uint8_t mode) {
  return mode == SPICE_IMAGE_SCALE_MODE_NEAREST ? raster::ScaleMode::nearest
                                                : raster::ScaleMode::interpolate;
}

raster::Transform to_raster(const spice::Transform& t) {
  return {{{t.m00, t.m01, t.m02}, {t.m10, t.m11, t.m12}}};
}

/// Top row first. Clients of SPICE take rows from the bottom, unless the string says otherwise.
raster::Glyph to_raster(const spice::Glyph& glyph, unsigned depth, bool top_down) {
  raster::Glyph out;
  out.render_pos = channels::to_raster(glyph.render_pos);
  out.origin = channels::to_raster(glyph.origin);
  out.size = {glyph.width, glyph.height};
  const std::size_t row = (std::size_t{glyph.width} * depth + 7) / 8;
  const ByteView bits = glyph.data.view();
  out.bits.reserve(bits.size());
  for (std::size_t y = 0; y < glyph.height; ++y) {
    const ByteView from = bits.subspan((top_down ? y : glyph.height - 1 - y) * row, row);
    out.bits.insert(out.bits.end(), from.begin(), from.end());
  }
  return out;
}

}  // namespace

raster::Rect to_raster(const spice::Rect& r) { return {r.left, r.top, r.right, r.bottom}; }
raster::Point to_raster(const spice::Point& p) { return {p.x, p.y}; }
raster::Clip to_raster(const spice::Clip& clip) {
  raster::Clip out;
  if (clip.type != SPICE_CLIP_TYPE_RECTS) return out;
  out.rects.emplace();
  out.rects->reserve(clip.rects.size());
  for (const spice::Rect& rect : clip.rects) out.rects->push_back(to_raster(rect));
  return out;
}

Result<std::shared_ptr<raster::DrawOp>> DrawReader::read(std::uint16_t type, ByteView body) {
  switch (type) {
    case SPICE_MSG_DISPLAY_COPY_BITS:
      return read_as<spice::CopyBits>(body, type);
    case SPICE_MSG_DISPLAY_DRAW_FILL:
      return read_as<spice::DrawFill>(body, type);
    case SPICE_MSG_DISPLAY_DRAW_OPAQUE:
      return read_as<spice::DrawOpaque>(body, type);
    case SPICE_MSG_DISPLAY_DRAW_COPY:
    case SPICE_MSG_DISPLAY_DRAW_BLEND:
      return read_as<spice::DrawCopy>(body, type);
    case SPICE_MSG_DISPLAY_DRAW_BLACKNESS:
    case SPICE_MSG_DISPLAY_DRAW_WHITENESS:
    case SPICE_MSG_DISPLAY_DRAW_INVERS:
      return read_as<spice::DrawMasked>(body, type);
    case SPICE_MSG_DISPLAY_DRAW_ROP3:
      return read_as<spice::DrawRop3>(body, type);
    case SPICE_MSG_DISPLAY_DRAW_STROKE:
      return read_as<spice::DrawStroke>(body, type);
    case SPICE_MSG_DISPLAY_DRAW_TEXT:
      return read_as<spice::DrawText>(body, type);
    case SPICE_MSG_DISPLAY_DRAW_TRANSPARENT:
      return read_as<spice::DrawTransparent>(body, type);
    case SPICE_MSG_DISPLAY_DRAW_ALPHA_BLEND:
      return read_as<spice::DrawAlphaBlend>(body, type);
    case SPICE_MSG_DISPLAY_DRAW_COMPOSITE:
      return read_as<spice::DrawComposite>(body, type);
    default:
      return fail(ErrorKind::unsupported, "message {} is no draw", type);
  }
}

template <class Message>
Result<std::shared_ptr<raster::DrawOp>> DrawReader::read_as(ByteView body, std::uint16_t type) {
  const Message message = CASSIA_TRY(wire::parse<Message>(body));
  type_ = type;
  const auto surface = surfaces_.find(message.base.surface);
  target_ = surface == surfaces_.end() ? raster::PixelFormat::xrgb32 : surface->second.format;
  auto op = std::make_shared<raster::DrawOp>();
  op->operation = CASSIA_TRY(operation(message));
  op->surface = message.base.surface;
  op->box = to_raster(message.base.box);
  op->clip = to_raster(message.base.clip);
  CASSIA_TRY(check_draw(*op, surfaces_));
  if (op->box.empty()) return nullptr;
  return op;
}

Result<raster::ImageRef> DrawReader::source(const std::optional<spice::Image>& image) {
  return images_.image(image, target_, "source image");
}

Result<raster::Brush> DrawReader::brush(const spice::Brush& brush) {
  switch (brush.type) {
    case SPICE_BRUSH_TYPE_NONE:
      return raster::Brush{};
    case SPICE_BRUSH_TYPE_SOLID:
      return raster::Brush{raster::Color{brush.color}};
    default:
      return raster::Brush{
          raster::Pattern{CASSIA_TRY(images_.image(brush.pattern, target_, "brush pattern")),
                          to_raster(brush.pattern_pos)}};
  }
}

Result<raster::Mask> DrawReader::mask(const spice::QMask& mask) {
  raster::Mask out;
  out.image = CASSIA_TRY(images_.mask(mask.bitmap));
  out.origin = to_raster(mask.pos);
  out.inverse = (mask.flags & SPICE_MASK_FLAGS_INVERS) != 0;
  return out;
}

Result<raster::Operation> DrawReader::operation(const spice::CopyBits& m) {
  return raster::CopyBits{to_raster(m.src)};
}

Result<raster::Operation> DrawReader::operation(const spice::DrawFill& m) {
  raster::Fill fill;
  fill.brush = CASSIA_TRY(brush(m.brush));
  fill.rop = rop_from_descriptor(m.rop, RopInput::brush, RopInput::destination);
  fill.mask = CASSIA_TRY(mask(m.mask));
  return fill;
}

Result<raster::Operation> DrawReader::operation(const spice::DrawOpaque& m) {
  raster::Opaque opaque;
  opaque.src = CASSIA_TRY(source(m.src));
  opaque.src_area = to_raster(m.src_area);
  opaque.brush = CASSIA_TRY(brush(m.brush));
  opaque.rop = rop_from_descriptor(m.rop, RopInput::brush, RopInput::source);
  opaque.scale = scale_mode(m.scale_mode);
  opaque.mask = CASSIA_TRY(mask(m.mask));
  return opaque;
}

Result<raster::Operation> DrawReader::operation(const spice::DrawCopy& m) {
  raster::Copy copy;
  copy.src = CASSIA_TRY(source(m.src));
  copy.src_area = to_raster(m.src_area);
  copy.rop = rop_from_descriptor(m.rop, RopInput::source, RopInput::destination);
  copy.scale = scale_mode(m.scale_mode);
  copy.mask = CASSIA_TRY(mask(m.mask));
  if (type_ == SPICE_MSG_DISPLAY_DRAW_COPY) return copy;
  return raster::Blend{copy.src, copy.src_area, copy.rop, copy.scale, copy.mask};
}

Result<raster::Operation> DrawReader::operation(const spice::DrawMasked& m) {
  raster::Mask bits = CASSIA_TRY(mask(m.mask));
  switch (type_) {
    case SPICE_MSG_DISPLAY_DRAW_BLACKNESS:
      return raster::Blackness{std::move(bits)};
    case SPICE_MSG_DISPLAY_DRAW_WHITENESS:
      return raster::Whiteness{std::move(bits)};
    default:
      return raster::Invers{std::move(bits)};
  }
}

Result<raster::Operation> DrawReader::operation(const spice::DrawRop3& m) {
  raster::Rop3 rop3;
  rop3.src = CASSIA_TRY(source(m.src));
  rop3.src_area = to_raster(m.src_area);
  rop3.brush = CASSIA_TRY(brush(m.brush));
  rop3.rop3 = m.rop3;
  rop3.scale = scale_mode(m.scale_mode);
  rop3.mask = CASSIA_TRY(mask(m.mask));
  return rop3;
}

Result<raster::Operation> DrawReader::operation(const spice::DrawTransparent& m) {
  raster::Transparent transparent;
  transparent.src = CASSIA_TRY(source(m.src));
  transparent.src_area = to_raster(m.src_area);
  transparent.key = m.src_color;
  transparent.true_key = m.true_color;
  return transparent;
}

Result<raster::Operation> DrawReader::operation(const spice::DrawAlphaBlend& m) {
  raster::AlphaBlend blend;
  blend.src = CASSIA_TRY(source(m.src));
  blend.src_area = to_raster(m.src_area);
  blend.alpha = m.alpha;
  blend.dest_has_alpha = (m.alpha_flags & SPICE_ALPHA_FLAGS_DEST_HAS_ALPHA) != 0;
  blend.src_surface_has_alpha = (m.alpha_flags & SPICE_ALPHA_FLAGS_SRC_SURFACE_HAS_ALPHA) != 0;
  return blend;
}

Result<raster::Operation> DrawReader::operation(const spice::DrawStroke& m) {
  raster::Stroke stroke;
  for (const spice::PathSegment& segment : m.path) {
    raster::PathSegment& out = stroke.path.emplace_back();
    out.flags = segment.flags;
    out.points.reserve(segment.points.size());
    for (const spice::Point& point : segment.points) out.points.push_back({point.x, point.y});
  }
  stroke.dashes = m.dashes;
  stroke.dash_starts_with_gap = (m.line_flags & spice::DrawStroke::start_with_gap) != 0;
  stroke.brush = CASSIA_TRY(brush(m.brush));
  stroke.fore_rop = rop_from_descriptor(m.fore_mode, RopInput::brush, RopInput::destination);
  stroke.back_rop = rop_from_descriptor(m.back_mode, RopInput::brush, RopInput::destination);
  return stroke;
}

Result<raster::Operation> DrawReader::operation(const spice::DrawText& m) {
  raster::Text text;
  text.depth = static_cast<std::uint8_t>(spice::DrawText::depth(m.string_flags));
  const bool top_down = (m.string_flags & SPICE_STRING_FLAGS_RASTER_TOP_DOWN) != 0;
  text.glyphs.reserve(m.glyphs.size());
  for (const spice::Glyph& glyph : m.glyphs) {
    text.glyphs.push_back(to_raster(glyph, text.depth, top_down));
  }
  text.back_area = to_raster(m.back_area);
  text.fore_brush = CASSIA_TRY(brush(m.fore_brush));
  text.back_brush = CASSIA_TRY(brush(m.back_brush));
  text.fore_rop = rop_from_descriptor(m.fore_mode, RopInput::brush, RopInput::destination);
  text.back_rop = rop_from_descriptor(m.back_mode, RopInput::brush, RopInput::destination);
  return text;
}

Result<raster::Operation> DrawReader::operation(const spice::DrawComposite& m) {
  raster::Composite composite;
  composite.flags = m.flags;
  composite.src = CASSIA_TRY(source(m.src));
  if ((m.flags & spice::DrawComposite::has_mask) != 0) {
    // Unlike a QMask this one holds alpha in any image format.
    composite.mask = CASSIA_TRY(images_.image(m.mask, target_, "mask image"));
  }
  if ((m.flags & spice::DrawComposite::has_src_transform) != 0) {
    composite.src_transform = to_raster(m.src_transform);
  }
  if ((m.flags & spice::DrawComposite::has_mask_transform) != 0) {
    composite.mask_transform = to_raster(m.mask_transform);
  }
  composite.src_origin = {m.src_origin.x, m.src_origin.y};
  composite.mask_origin = {m.mask_origin.x, m.mask_origin.y};
  return composite;
}

}  // namespace cassia::channels
