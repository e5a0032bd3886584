// SPDX-License-Identifier: Apache-2.0
// The page of strokes: lines, polygons, curves, dashes, raster operations, brushes.

#include <spice/enums.h>

#include "server/guest/page_builder.h"

namespace cassia::server {

using raster::Brush;
using raster::Color;
using raster::FixedPoint;
using raster::PathSegment;
using raster::Pattern;
using raster::PixelFormat;
using raster::Point;
using raster::Rect;
using raster::Rop;
using raster::Stroke;

namespace {

constexpr Color ink = 0x40e0c0;

/// Within a cell: 28.4 of a sixteenth of a pixel.
FixedPoint at(const Rect& box, double x, double y) {
  return {static_cast<std::int32_t>(16 * (box.left + x)),
          static_cast<std::int32_t>(16 * (box.top + y))};
}

PathSegment segment_of(std::vector<FixedPoint> points, unsigned more = 0) {
  PathSegment segment;
  segment.flags = static_cast<std::uint8_t>(SPICE_PATH_BEGIN | SPICE_PATH_END | more);
  segment.points = std::move(points);
  return segment;
}

Stroke stroke_of(PathSegment segment, Brush brush = ink) {
  Stroke stroke;
  stroke.path.push_back(std::move(segment));
  stroke.brush = std::move(brush);
  return stroke;
}

PathSegment zigzag(const Rect& box, unsigned more = 0) {
  return segment_of({at(box, 2, 3), at(box, 27, 8), at(box, 9, 20), at(box, 5, 1), at(box, 29, 21)},
                    more);
}

/// From the middle to all sides, shallow and steep.
void add_directions(PageBuilder& page) {
  for (const Point to : {Point{12, 0},
                         {12, 4},
                         {9, 9},
                         {3, 10},
                         {0, 10},
                         {-4, 10},
                         {-9, 9},
                         {-12, 5},
                         {-12, 0},
                         {-12, -3},
                         {-8, -8},
                         {-4, -10},
                         {0, -10},
                         {5, -10},
                         {9, -9},
                         {12, -5}}) {
    const Rect box = page.cell(fmt::format("line to {},{}", to.x, to.y));
    page.draw(box, stroke_of(segment_of({at(box, 15, 11), at(box, 15 + to.x, 11 + to.y)})));
  }
  const Rect half = page.cell("line between pixels");
  page.draw(half, stroke_of(segment_of({at(half, 2.5, 3.5), at(half, 20.5625, 9.4375)})));
  const Rect point = page.cell("line of no length");
  page.draw(point, stroke_of(segment_of({at(point, 9, 9), at(point, 9, 9)})));
}

void add_shapes(PageBuilder& page) {
  const Rect box = page.cell("polyline");
  page.draw(box, stroke_of(zigzag(box)));
  const Rect closed = page.cell("polygon");
  page.draw(closed, stroke_of(zigzag(closed, SPICE_PATH_CLOSE)));
  const Rect frame = page.cell("rectangle");
  page.draw(frame, stroke_of(segment_of(
                       {at(frame, 3, 3), at(frame, 28, 3), at(frame, 28, 20), at(frame, 3, 20)},
                       SPICE_PATH_CLOSE)));
  const Rect curve = page.cell("curve");
  page.draw(curve, stroke_of(segment_of(
                       {at(curve, 1, 20), at(curve, 8, -14), at(curve, 20, 40), at(curve, 30, 3)},
                       SPICE_PATH_BEZIER)));
  const Rect loop = page.cell("two curves, closed");
  page.draw(loop, stroke_of(segment_of(
                      {at(loop, 2, 12), at(loop, 2, -4), at(loop, 29, -4), at(loop, 29, 12),
                       at(loop, 29, 27), at(loop, 2, 27), at(loop, 3, 14)},
                      SPICE_PATH_BEZIER | SPICE_PATH_CLOSE)));
  const Rect parts = page.cell("path of several segments");
  Stroke several = stroke_of(segment_of({at(parts, 2, 2), at(parts, 14, 5)}));
  several.path.front().flags = SPICE_PATH_BEGIN;
  PathSegment bend;
  bend.flags = SPICE_PATH_BEZIER;
  bend.points = {at(parts, 20, 5), at(parts, 28, 12), at(parts, 20, 20)};
  several.path.push_back(bend);
  PathSegment end;
  end.flags = SPICE_PATH_END | SPICE_PATH_CLOSE;
  end.points = {at(parts, 4, 21)};
  several.path.push_back(end);
  several.path.push_back(segment_of({at(parts, 10, 10), at(parts, 16, 15)}));
  page.draw(parts, several);
}

void add_rops(PageBuilder& page) {
  for (const Rop rop : page_rops()) {
    const Rect box = page.cell(fmt::format("stroke {} solid", name_of(rop)));
    Stroke stroke = stroke_of(zigzag(box, SPICE_PATH_CLOSE));
    stroke.fore_rop = rop;
    page.draw(box, stroke);
    const Rect other = page.cell(fmt::format("stroke {} pattern", name_of(rop)));
    Stroke tiled =
        stroke_of(zigzag(other), Pattern{image_of(page_picture({9, 7}, PixelFormat::xrgb32, 91)),
                                         {other.left + 5, other.top + 3}});
    tiled.fore_rop = rop;
    page.draw(other, tiled);
  }
  const Rect box = page.cell("stroke no brush");
  page.draw(box, stroke_of(zigzag(box), Brush{}));
}

void add_clips(PageBuilder& page) {
  const Rect box = page.cell("stroke clipped");
  page.draw(box, stroke_of(zigzag(box)),
            {std::vector<Rect>{{box.left + 3, box.top, box.left + 11, box.bottom},
                               {box.left + 8, box.top + 9, box.right, box.top + 17}}});
  const Rect far = page.cell("stroke beyond its box");
  page.draw(far, stroke_of(segment_of(
                     {at(far, -50, -33), at(far, 60, 41), at(far, 10, -20), at(far, 12, 300)})));
  const Rect clipped_xor = page.cell("stroke xor clipped");
  Stroke crossing = stroke_of(zigzag(clipped_xor, SPICE_PATH_CLOSE));
  crossing.fore_rop = Rop::exclusive_or;
  page.draw(clipped_xor, crossing,
            {std::vector<Rect>{{clipped_xor.left + 3, clipped_xor.top, clipped_xor.left + 11,
                                clipped_xor.bottom}}});
}

struct Style {
  const char* name;
  std::vector<std::int32_t> lengths;  ///< pixels
  bool gap_first;
};

void add_dashes(PageBuilder& page) {
  const Style styles[] = {{"4 2", {4, 2}, false},
                          {"gap 4 2", {4, 2}, true},
                          {"6 2 1 2", {6, 2, 1, 2}, false},
                          {"gap 6 2 1 2", {6, 2, 1, 2}, true},
                          {"3", {3}, false},
                          {"5 1 3", {5, 1, 3}, false},
                          {"1 1", {1, 1}, false}};
  for (const Style& style : styles) {
    const auto dashed = [&](PathSegment segment) {
      Stroke stroke = stroke_of(std::move(segment));
      for (const std::int32_t length : style.lengths) stroke.dashes.push_back(16 * length);
      stroke.dash_starts_with_gap = style.gap_first;
      return stroke;
    };
    const Rect across = page.cell(fmt::format("dashes {} across", style.name));
    page.draw(across, dashed(segment_of({at(across, 2, 8), at(across, 30, 8)})));
    const Rect down = page.cell(fmt::format("dashes {} down", style.name));
    page.draw(down, dashed(segment_of({at(down, 9, 1), at(down, 9, 22)})));
    const Rect frame = page.cell(fmt::format("dashes {} around", style.name));
    page.draw(frame, dashed(segment_of(
                         {at(frame, 3, 3), at(frame, 28, 3), at(frame, 28, 20), at(frame, 3, 20)},
                         SPICE_PATH_CLOSE)));
    const Rect slanted = page.cell(fmt::format("dashes {} slanted", style.name));
    page.draw(slanted, dashed(segment_of({at(slanted, 2, 2), at(slanted, 30, 19)})));
    const Rect diagonal = page.cell(fmt::format("dashes {} diagonal", style.name));
    page.draw(diagonal, dashed(segment_of({at(diagonal, 2, 2), at(diagonal, 21, 21)})));
  }
}

}  // namespace

DrawPage page_of_strokes() {
  PageBuilder page("stroke: lines, polygons, curves, dashes, rops, brushes, clips",
                   PixelFormat::xrgb32);
  add_directions(page);
  add_shapes(page);
  add_rops(page);
  add_clips(page);
  add_dashes(page);
  return page.finish();
}

Stroke page_stroke(const Rect& box, Brush brush, Rop rop) {
  Stroke stroke = stroke_of(zigzag(box, SPICE_PATH_CLOSE), std::move(brush));
  stroke.fore_rop = rop;
  return stroke;
}

void add_hard_stroke_cells(PageBuilder& page) {
  const Rect box = page.cell("stroke of a surface's pattern");
  page.draw(box, stroke_of(zigzag(box), Pattern{image_of(page_rgb), {box.left, box.top}}));
  const Rect long_dash = page.cell("dashes longer than a byte holds");
  Stroke stroke = stroke_of(segment_of({at(long_dash, 0, 9), at(long_dash, 32, 9)}));
  stroke.dashes = {16 * 256, 16 * 4};
  page.draw(long_dash, stroke);
}

}  // namespace cassia::server
