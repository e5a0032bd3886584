// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/canvas/case_generator.h"

#include <spice/enums.h>

namespace cassia::raster::conformance {
namespace {

ImageRef ref(BitmapPtr bitmap) {
  ImageRef image;
  image.source = std::move(bitmap);
  return image;
}
ImageRef ref(SurfaceId surface) {
  ImageRef image;
  image.source = SurfaceSource{surface};
  return image;
}

std::uint32_t premultiply(std::uint32_t argb) {
  const std::uint32_t a = argb >> 24;
  const auto part = [&](int shift) { return (((argb >> shift) & 255) * a / 255) << shift; };
  return (a << 24) | part(16) | part(8) | part(0);
}

}  // namespace

BitmapPtr CaseGenerator::picture(Size size, PixelFormat format) {
  auto bitmap = std::make_shared<Bitmap>(Bitmap::create_cleared(size, format).value());
  for (std::int32_t y = 0; y < size.height; ++y) {
    if (bits_per_pixel(format) == 32) {
      for (std::int32_t x = 0; x < size.width; ++x) {
        std::uint32_t pixel = number();
        if (chance(4)) pixel |= 0xff000000u;
        if (chance(8)) pixel &= 0x00ffffffu;
        bitmap->row32(y)[x] = format == PixelFormat::argb32 ? premultiply(pixel) : pixel;
      }
    } else {
      const int bytes = (size.width * bits_per_pixel(format) + 7) / 8;
      for (int i = 0; i < bytes; ++i) bitmap->row(y)[i] = static_cast<std::uint8_t>(number());
    }
  }
  return bitmap;
}

Rect CaseGenerator::box() {
  const int x = between(-20, target_size.width + 5), y = between(-20, target_size.height + 5);
  switch (below(8)) {
    case 0:
      return {x, y, x + 1, y + 1};
    case 1:
      return {x, y, x, y + below(9)};
    case 2:
      return Rect::of(target_size);
    case 3:
      return {-7, -9, target_size.width + 11, target_size.height + 3};
    default:
      return Rect::of({x, y}, {between(1, 50), between(1, 40)});
  }
}

Rect CaseGenerator::edge_box() {
  const std::int32_t w = target_size.width, h = target_size.height;
  const Rect boxes[edge_boxes] = {{5, 7, 5, 7},                   // nothing
                                  {9, 4, 9, 20},                  // no column
                                  {9, 9, 10, 10},                 // one pixel
                                  {0, 0, 1, 1},                   // in a corner
                                  {w - 1, h - 1, w, h},           // in the opposite one
                                  {0, 0, w, h},                   // all
                                  {-20, -15, 12, 10},             // from left of it and above
                                  {w - 9, h - 8, w + 30, h + 9},  // beyond its end
                                  {-40, 3, w + 40, 5},            // through it
                                  {w + 1, h + 1, w + 9, h + 9}};  // outside
  return boxes[turn_];
}

Clip CaseGenerator::clip() {
  Clip clip;
  if (chance(2)) return clip;
  clip.rects.emplace();
  if (chance(10)) clip.rects->push_back({1000, 1000, 1010, 1010});
  if (chance(10)) clip.rects->push_back({9, 9, 3, 3});
  for (int n = below(4); n > 0; --n) clip.rects->push_back(box());
  return clip;
}

ImageRef CaseGenerator::image(Size size) {
  switch (below(8)) {
    case 0:
      return ref(same_format_surface);
    case 1:
      return ref(target_surface);
    case 2:
      return ref(rgb_surface);
    case 3:
      return ref(picture(size, PixelFormat::xrgb32));
    case 4:
      return ref(picture(size, PixelFormat::argb32));
    default:
      return ref(picture(size, format_));
  }
}

Brush CaseGenerator::brush() {
  switch (below(6)) {
    case 0:
      return std::monostate{};
    case 1:
    case 2:
      return Color{number()};
    default:
      return Pattern{image({between(1, 20), between(1, 20)}), {between(-40, 70), between(-40, 70)}};
  }
}

Mask CaseGenerator::mask() {
  Mask mask;
  if (!chance(3)) return mask;
  mask.image = chance(6) ? ref(bit_surface)
                         : ref(picture({between(1, 70), between(1, 50)}, PixelFormat::a1));
  if (chance(2)) mask.origin = {between(-10, 40), between(-10, 30)};
  mask.inverse = chance(2);
  return mask;
}

ImageRef CaseGenerator::source(const Rect& box, bool scaled, Rect& area) {
  Size size = box.size();
  if (scaled) size = {between(1, 40), between(1, 40)};
  size = {std::max(size.width, 1), std::max(size.height, 1)};
  const Point origin{between(-3, 12), between(-3, 12)};
  area = Rect::of(origin, size);
  // Sometimes the image has less than the area asks for.
  const int slack = chance(4) ? -5 : 6;
  return image({std::max(1, area.right + slack), std::max(1, area.bottom + slack)});
}

Stroke CaseGenerator::stroke() {
  Stroke stroke;
  stroke.brush = brush();
  stroke.fore_rop = rop();
  for (int n = between(1, 3); n > 0; --n) {
    PathSegment segment;
    segment.flags = SPICE_PATH_BEGIN | SPICE_PATH_END;
    if (chance(3)) segment.flags |= SPICE_PATH_CLOSE;
    int points = between(1, 6);
    if (chance(3)) {
      segment.flags |= SPICE_PATH_BEZIER;
      points = 1 + 3 * between(1, 3);
    }
    for (int i = 0; i < points; ++i) {
      segment.points.push_back({between(-400, 1400), between(-400, 1200)});
    }
    stroke.path.push_back(std::move(segment));
  }
  if (chance(3)) {
    for (int n = between(1, 5); n > 0; --n) stroke.dashes.push_back(between(0, 12) * 16);
    stroke.dash_starts_with_gap = chance(2);
  }
  return stroke;
}

Text CaseGenerator::text(const Rect& box) {
  Text text;
  constexpr std::uint8_t depths[] = {1, 4, 8};
  text.depth = depths[below(3)];
  text.fore_brush = brush();
  text.back_brush = brush();
  if (chance(2)) text.back_area = box;
  Point pen{box.left + between(-4, 4), box.top + between(0, 20)};
  for (int n = between(1, 6); n > 0; --n) {
    Glyph glyph;
    glyph.render_pos = pen;
    glyph.origin = {between(-2, 2), between(-9, 0)};
    glyph.size = {between(0, 11), between(0, 13)};
    const int stride = (glyph.size.width * text.depth + 7) / 8;
    for (int i = 0; i < stride * glyph.size.height; ++i) {
      const std::uint32_t kind = number();
      const std::uint8_t value = kind % 3 == 0 ? 0 : kind % 3 == 1 ? 255 : number() & 255;
      glyph.bits.push_back(value);
    }
    pen.x += between(3, 9);
    text.glyphs.push_back(std::move(glyph));
  }
  return text;
}

AlphaBlend CaseGenerator::alpha_blend(const Rect& box, bool scaled) {
  AlphaBlend blend;
  blend.src = source(box, scaled, blend.src_area);
  constexpr std::uint8_t alphas[] = {0, 255, 1, 128, 254};
  blend.alpha = chance(2) ? alphas[turn_ % 5] : static_cast<std::uint8_t>(number());
  blend.dest_has_alpha = chance(3);
  blend.src_surface_has_alpha = chance(3);
  return blend;
}

/// Scales; or turns, slants and moves as well.
Transform CaseGenerator::transform() {
  Transform t;
  t.m[0][0] = between(20000, 160000);
  t.m[1][1] = between(20000, 160000);
  if (chance(2)) return t;
  t.m[0][1] = between(-60000, 60000);
  t.m[1][0] = between(-60000, 60000);
  t.m[0][2] = between(-500000, 500000);
  t.m[1][2] = between(-500000, 500000);
  return t;
}

Composite CaseGenerator::composite() {
  // pixman's numbers, which are the wire's: plain, disjoint, conjoint, blend modes.
  constexpr std::pair<int, int> operators[] = {{0, 14}, {0x10, 12}, {0x20, 12}, {0x30, 15}};
  int number = turn_ % (14 + 12 + 12 + 15);
  Composite composite;
  for (const auto& [first, count] : operators) {
    if (number >= 0 && number < count) composite.flags = static_cast<std::uint32_t>(first + number);
    number -= count;
  }
  composite.flags |= static_cast<std::uint32_t>(below(4)) << 14;
  composite.src = image({between(4, 40), between(4, 40)});
  composite.src_origin = {between(-8, 8), between(-8, 8)};
  if (chance(3)) {
    composite.src_transform = transform();
    composite.flags |= SPICE_COMPOSITE_HAS_SRC_TRANSFORM | static_cast<unsigned>(below(5)) << 8;
  }
  if (chance(2)) {
    composite.mask = chance(2) ? image({between(4, 40), between(4, 40)})
                               : ref(picture({between(8, 70), between(8, 50)}, PixelFormat::a8));
    composite.mask_origin = {between(-4, 4), between(-4, 4)};
    composite.flags |= SPICE_COMPOSITE_HAS_MASK | static_cast<unsigned>(below(4)) << 16;
    if (chance(4)) composite.flags |= SPICE_COMPOSITE_COMPONENT_ALPHA;
    if (chance(4)) composite.flags |= SPICE_COMPOSITE_MASK_OPAQUE;
    if (chance(4)) {
      composite.mask_transform = transform();
      composite.flags |= SPICE_COMPOSITE_HAS_MASK_TRANSFORM | static_cast<unsigned>(below(5)) << 11;
    }
  }
  if (chance(3)) composite.flags |= SPICE_COMPOSITE_SOURCE_OPAQUE;
  if (chance(3)) composite.flags |= SPICE_COMPOSITE_DEST_OPAQUE;
  return composite;
}

Operation CaseGenerator::operation(std::size_t index, const Rect& box) {
  Rect area;
  const bool scaled = chance(3);
  switch (index) {
    case 0:
      return Fill{brush(), rop(), mask()};
    case 1: {
      ImageRef from = source(box, scaled, area);
      return Copy{from, area, chance(2) ? Rop::copy : rop(), scale_mode(), mask()};
    }
    case 2: {
      ImageRef from = source(box, scaled, area);
      return Blend{from, area, rop(), scale_mode(), mask()};
    }
    case 3: {
      ImageRef from = source(box, scaled, area);
      return Opaque{from, area, brush(), rop(), scale_mode(), mask()};
    }
    case 4:
      return CopyBits{{box.left + between(-30, 30), box.top + between(-30, 30)}};
    case 5:
      return Blackness{mask()};
    case 6:
      return Whiteness{mask()};
    case 7:
      return Invers{mask()};
    case 8: {
      ImageRef from = source(box, scaled, area);
      return Rop3{from, area, brush(), static_cast<std::uint8_t>(turn_), scale_mode(), mask()};
    }
    case 9: {
      ImageRef from = source(box, scaled, area);
      return Transparent{from, area, 0, number() & 0x00070707u};
    }
    case 10:
      return alpha_blend(box, scaled);
    case 11:
      return stroke();
    case 12:
      return text(box);
    default:
      return composite();
  }
}

DrawOp CaseGenerator::draw(std::size_t index, int turn) {
  turn_ = turn;
  DrawOp op;
  op.surface = target_surface;
  op.box = turn < edge_boxes ? edge_box() : box();
  // At first nothing hides the edges.
  if (turn >= edge_boxes) op.clip = clip();
  op.operation = operation(index, op.box);
  return op;
}

}  // namespace cassia::raster::conformance
