// SPDX-License-Identifier: Apache-2.0
// The page of text: glyphs of every depth, brushes, backgrounds, modes.

#include "server/guest/page_builder.h"

namespace cassia::server {

using raster::Brush;
using raster::Color;
using raster::Glyph;
using raster::Pattern;
using raster::PixelFormat;
using raster::Point;
using raster::Rect;
using raster::Rop;
using raster::Size;
using raster::Text;

namespace {

constexpr Color ink = 0xf0e040, paper = 0x203080;

/// A ring with a slope in it; the corners are clear.
unsigned coverage(std::int32_t x, std::int32_t y, Size size) {
  const std::int32_t dx = 2 * x + 1 - size.width, dy = 2 * y + 1 - size.height;
  const std::int32_t far = dx * dx + dy * dy, limit = size.width * size.width;
  if (far > limit) return 0;
  return far > limit / 4 ? 255 : static_cast<unsigned>(17 * ((x * 3 + y * 5) % 15));
}

Glyph glyph_of(Size size, unsigned depth, Point render_pos, Point origin) {
  Glyph glyph;
  glyph.size = size;
  glyph.render_pos = render_pos;
  glyph.origin = origin;
  const std::size_t stride = (static_cast<std::size_t>(size.width) * depth + 7) / 8;
  glyph.bits.resize(stride * static_cast<std::size_t>(size.height));
  for (std::int32_t y = 0; y < size.height; ++y) {
    for (std::int32_t x = 0; x < size.width; ++x) {
      const unsigned bits = coverage(x, y, size) >> (8 - depth);
      const std::size_t bit = static_cast<std::size_t>(x) * depth;
      glyph.bits[stride * static_cast<std::size_t>(y) + bit / 8] |=
          static_cast<std::uint8_t>(bits << (8 - depth - bit % 8));
    }
  }
  return glyph;
}

struct NamedBrush {
  const char* name;
  Brush brush;
};

std::vector<NamedBrush> brushes(const Rect& box, Color solid) {
  const Point origin{box.left + 5, box.top + 3};
  return {{"none", Brush{}},
          {"solid", solid},
          {"pattern", Pattern{image_of(page_picture({9, 7}, PixelFormat::xrgb32, 81)), origin}},
          {"surface", Pattern{image_of(page_same), origin}}};
}

void add_brushes(PageBuilder& page, std::uint8_t depth) {
  for (std::size_t fore = 0; fore < 3; ++fore) {
    for (std::size_t back = 0; back < 4; ++back) {
      const Rect box = page.cell("");
      const NamedBrush in_front = brushes(box, ink)[fore], behind = brushes(box, paper)[back];
      Text text = page_text(box, depth, in_front.brush);
      text.back_brush = behind.brush;
      text.back_area = {box.left + 2, box.top + 1, box.right - 3, box.bottom - 2};
      page.rename(fmt::format("text A{} {} on {}", depth, in_front.name, behind.name));
      page.draw(box, text);
    }
  }
}

void add_modes(PageBuilder& page, std::uint8_t depth) {
  for (const Rop rop : {Rop::or_, Rop::exclusive_or, Rop::invert, Rop::copy_inverted}) {
    const Rect box = page.cell(fmt::format("text A{} mode {}", depth, name_of(rop)));
    Text text = page_text(box, depth, ink);
    text.fore_rop = rop;
    page.draw(box, text);
    const Rect both = page.cell(fmt::format("text A{} back mode {}", depth, name_of(rop)));
    Text on = page_text(both, depth, ink);
    on.back_brush = paper;
    on.back_area = both;
    on.back_rop = rop;
    page.draw(both, on);
  }
}

void add_edges(PageBuilder& page, std::uint8_t depth) {
  const Rect box = page.cell(fmt::format("text A{} clipped", depth));
  page.draw(box, page_text(box, depth, ink),
            {std::vector<Rect>{{box.left + 3, box.top, box.left + 11, box.bottom},
                               {box.left + 8, box.top + 9, box.right, box.top + 17}}});
  const Rect outside = page.cell(fmt::format("text A{} beyond its box", depth));
  Text far = page_text(outside, depth, ink);
  for (Glyph& glyph : far.glyphs) glyph.render_pos.x += 13;
  far.glyphs.front().render_pos.x -= 20;
  page.draw(outside, far);
  const Rect wide = page.cell(fmt::format("text A{} of one large glyph", depth));
  Text large = page_text(wide, depth, ink);
  large.glyphs = {glyph_of({27, 19}, depth, {wide.left + 2, wide.top + 20}, {0, -18})};
  page.draw(wide, large);
  if (depth == 8) return;  // of one row, stock clients read nothing but what lies behind it
  const Rect one = page.cell(fmt::format("text A{} one pixel", depth));
  Text dot = page_text(one, depth, ink);
  dot.glyphs = {glyph_of({1, 1}, depth, {one.left + 7, one.top + 6}, {0, 0})};
  dot.glyphs.front().bits = {0xff};
  page.draw(one, dot);
}

}  // namespace

Text page_text(const Rect& box, std::uint8_t depth, Brush fore) {
  Text text;
  text.depth = depth;
  text.fore_brush = std::move(fore);
  const Point pen{box.left + 2, box.top + 16};
  // The last two overlap: the darker one of both counts.
  text.glyphs = {glyph_of({7, 9}, depth, pen, {0, -9}),
                 glyph_of({9, 13}, depth, {pen.x + 9, pen.y}, {-1, -11}),
                 glyph_of({8, 8}, depth, {pen.x + 15, pen.y}, {1, -8})};
  return text;
}

void add_text_cells(PageBuilder& page, std::uint8_t depth) {
  page.set_tolerance(1);
  add_brushes(page, depth);
  add_modes(page, depth);
  add_edges(page, depth);
}

DrawPage page_of_texts() {
  PageBuilder page("text: A1, A4 and A8 glyphs, brushes, backgrounds, modes, clips",
                   PixelFormat::xrgb32);
  for (const std::uint8_t depth : {1, 4, 8}) add_text_cells(page, depth);
  return page.finish();
}

void add_hard_text_cells(PageBuilder& page) {
  page.set_tolerance(1);
  const Rect box = page.cell("text without glyphs");
  Text empty = page_text(box, 1, ink);
  empty.glyphs.clear();
  page.draw(box, empty);
  for (const std::uint8_t depth : {1, 4, 8}) {
    const Rect surface = page.cell(fmt::format("text A{} of a surface's pattern", depth));
    page.draw(surface, page_text(surface, depth, Pattern{image_of(page_rgb), {3, 4}}));
  }
}

}  // namespace cassia::server
