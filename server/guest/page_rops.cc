// SPDX-License-Identifier: Apache-2.0
// Pages of raster operations: fills, copies, opaques, ternary ones.

#include "server/guest/page_builder.h"

namespace cassia::server {

using raster::Brush;
using raster::Color;
using raster::Mask;
using raster::Pattern;
using raster::PixelFormat;
using raster::Point;
using raster::Rect;
using raster::Rop;
using raster::ScaleMode;
using raster::Size;

namespace {

constexpr Color ink = 0x5a3cc7;

struct NamedBrush {
  std::string name;
  Brush brush;
};

/// The pattern of a brush starts off the cell's corner.
Pattern pattern_of(raster::ImageRef image, const Rect& box, Point shift = {5, 3}) {
  return Pattern{std::move(image), {box.left + shift.x, box.top + shift.y}};
}

struct NamedMask {
  std::string name;
  Mask mask;
};

std::vector<NamedMask> masks() {
  std::vector<NamedMask> all;
  const raster::BitmapPtr whole = page_mask({64, 48});
  for (const bool inverse : {false, true}) {
    for (const Point origin : {Point{0, 0}, Point{7, 5}, Point{-6, -4}}) {
      Mask mask;
      mask.image = image_of(whole);
      mask.origin = origin;
      mask.inverse = inverse;
      all.push_back({fmt::format("mask{} {},{}", inverse ? " inverse" : "", origin.x, origin.y),
                     std::move(mask)});
    }
    Mask small;
    small.image = image_of(page_mask({11, 9}));
    small.inverse = inverse;
    all.push_back({inverse ? "small mask inverse" : "small mask", std::move(small)});
    Mask surface;
    surface.image = image_of(page_bits);
    surface.origin = {9, 2};
    surface.inverse = inverse;
    all.push_back({inverse ? "mask surface inverse" : "mask surface", std::move(surface)});
  }
  return all;
}

std::vector<std::pair<std::string, raster::Clip>> clips(const Rect& box) {
  std::vector<std::pair<std::string, raster::Clip>> all;
  all.push_back(
      {"one", {std::vector<Rect>{{box.left + 4, box.top + 3, box.left + 21, box.top + 14}}}});
  all.push_back({"three",
                 {std::vector<Rect>{{box.left - 4, box.top, box.left + 9, box.top + 5},
                                    {box.left + 5, box.top + 3, box.left + 30, box.top + 9},
                                    {box.left + 12, box.top + 12, box.left + 13, box.top + 13}}}});
  all.push_back({"outside", {std::vector<Rect>{{2000, 2000, 2100, 2100}}}});
  return all;
}

template <class Operation>
Operation from(raster::ImageRef image, const Rect& area) {
  Operation operation;
  operation.src = std::move(image);
  operation.src_area = area;
  return operation;
}

}  // namespace

namespace {

/// The source of most draws: its corner is not the picture's.
const Rect source_area = Rect::of({5, 3}, cell_size);

raster::ImageRef tile_image(unsigned seed) {
  return image_of(page_picture({9, 7}, PixelFormat::xrgb32, seed));
}
raster::ImageRef picture_image(unsigned seed) {
  return image_of(page_picture({40, 30}, PixelFormat::xrgb32, seed));
}

void add_masked_fills(PageBuilder& page) {
  for (const NamedMask& m : masks()) {
    page.one("fill solid " + m.name, raster::Fill{ink, Rop::copy, m.mask});
    page.one("fill xor " + m.name, raster::Fill{ink, Rop::exclusive_or, m.mask});
    page.one("blackness " + m.name, raster::Blackness{m.mask});
    page.one("whiteness " + m.name, raster::Whiteness{m.mask});
    page.one("invers " + m.name, raster::Invers{m.mask});
  }
  page.one("blackness", raster::Blackness{});
  page.one("whiteness", raster::Whiteness{});
  page.one("invers", raster::Invers{});
}

void add_clipped_fills(PageBuilder& page) {
  for (std::size_t i = 0; i < clips({}).size(); ++i) {
    const Rect box = page.cell("fill clip " + clips({})[i].first);
    page.draw(box, raster::Fill{ink, Rop::copy, {}}, clips(box)[i].second);
    const Rect second = page.cell("invers clip " + clips({})[i].first);
    page.draw(second, raster::Invers{}, clips(second)[i].second);
  }
  const Rect dot = page.cell("fill one pixel");
  page.draw(Rect::of({dot.left + 3, dot.top + 4}, {1, 1}), raster::Fill{ink, Rop::copy, {}});
  const Rect nothing = page.cell("fill nothing");
  page.draw(Rect::of(nothing.origin(), {0, 5}), raster::Fill{ink, Rop::copy, {}});
  const Rect edge = page.last_in_row("fill over the edge");
  page.draw({edge.left + 6, edge.top + 6, 700, edge.bottom}, raster::Fill{ink, Rop::copy, {}});
}

}  // namespace

DrawPage page_of_fills() {
  PageBuilder page("fill, blackness, whiteness, invers: rops, brushes, masks, clips",
                   PixelFormat::xrgb32);
  const raster::ImageRef tile = tile_image(21);
  for (const Rop rop : page_rops()) {
    page.one(fmt::format("fill {} no brush", name_of(rop)), raster::Fill{Brush{}, rop, {}});
    page.one(fmt::format("fill {} solid", name_of(rop)), raster::Fill{ink, rop, {}});
    const Rect box = page.cell(fmt::format("fill {} pattern", name_of(rop)));
    page.draw(box, raster::Fill{pattern_of(tile, box), rop, {}});
    const Rect other = page.cell(fmt::format("fill {} surface pattern", name_of(rop)));
    page.draw(other, raster::Fill{pattern_of(image_of(page_rgb), other, {-70, 9}), rop, {}});
  }
  add_masked_fills(page);
  add_clipped_fills(page);
  return page.finish();
}

namespace {

void add_copies_of_each_rop(PageBuilder& page) {
  for (const Rop rop : page_rops()) {
    for (const bool surface : {false, true}) {
      const raster::ImageRef source = surface ? image_of(page_rgb) : picture_image(31);
      const char* where = surface ? "surface" : "image";
      auto copy = from<raster::Copy>(source, source_area);
      copy.rop = rop;
      page.one(fmt::format("copy {} {}", name_of(rop), where), copy);
      auto blend = from<raster::Blend>(source, source_area);
      blend.rop = rop;
      page.one(fmt::format("blend {} {}", name_of(rop), where), blend);
    }
  }
}

void add_scaled_copies(PageBuilder& page) {
  for (const ScaleMode mode : {ScaleMode::nearest, ScaleMode::interpolate}) {
    const bool nearest = mode == ScaleMode::nearest;
    page.set_tolerance(nearest ? 0 : 1);
    for (const Size size : {Size{11, 9}, Size{37, 28}, Size{11, 28}, Size{1, 1}}) {
      for (const bool surface : {false, true}) {
        auto copy = from<raster::Copy>(surface ? image_of(page_rgb) : picture_image(31),
                                       Rect::of({2, 1}, size));
        copy.scale = mode;
        page.one(fmt::format("copy {} {} {}x{}", nearest ? "nearest" : "filtered",
                             surface ? "surface" : "image", size.width, size.height),
                 copy);
      }
    }
  }
  page.set_tolerance(0);
  for (const Rop rop : {Rop::exclusive_or, Rop::and_, Rop::or_inverted}) {
    auto copy = from<raster::Copy>(picture_image(31), {2, 1, 13, 10});
    copy.rop = rop;
    copy.scale = ScaleMode::nearest;
    page.one(fmt::format("copy {} scaled", name_of(rop)), copy);
  }
}

void add_masked_copies(PageBuilder& page) {
  for (const NamedMask& m : masks()) {
    auto copy = from<raster::Copy>(picture_image(31), source_area);
    copy.mask = m.mask;
    page.one("copy " + m.name, copy);
    auto scaled = from<raster::Copy>(picture_image(31), {2, 1, 13, 10});
    scaled.mask = m.mask;
    scaled.scale = ScaleMode::nearest;
    page.one("copy scaled " + m.name, scaled);
  }
}

/// Within the page's own surface; what moves lies over where it goes.
void add_moves(PageBuilder& page) {
  const Point steps[] = {{3, 0}, {-3, 0}, {0, 2}, {0, -2}, {4, 3}, {-4, 3}, {4, -3}, {-4, -3}};
  for (const Point step : steps) {
    const Rect box = page.cell(fmt::format("move {},{}", step.x, step.y));
    page.draw(box, from<raster::Copy>(picture_image(33), source_area));
    const Rect inner{box.left + 4, box.top + 3, box.right - 4, box.bottom - 3};
    page.draw(inner, raster::CopyBits{{inner.left - step.x, inner.top - step.y}});
    const Rect second = page.cell(fmt::format("move {},{} clipped", step.x, step.y));
    page.draw(second, from<raster::Copy>(picture_image(33), source_area));
    const Rect part = inner.translated(second.left - box.left, second.top - box.top);
    page.draw(part, raster::CopyBits{{part.left - step.x, part.top - step.y}},
              clips(second)[1].second);
  }
  const Rect outside = page.cell("move from outside");
  page.draw(outside, raster::CopyBits{{outside.left - 1000, outside.top}});
  const Rect corner = page.cell("move from beyond the corner");
  page.draw(corner, raster::CopyBits{{-10, -8}});
}

}  // namespace

DrawPage page_of_copies() {
  PageBuilder page("copy, blend, copy_bits: rops, sources, scaling, masks, clips, overlap",
                   PixelFormat::xrgb32);
  add_copies_of_each_rop(page);
  add_scaled_copies(page);
  add_masked_copies(page);
  const raster::ImageRef picture = picture_image(31);
  page.one(
      "copy of an image with alpha",
      from<raster::Copy>(image_of(page_picture({40, 30}, PixelFormat::argb32, 32)), source_area));
  for (std::size_t i = 0; i < clips({}).size(); ++i) {
    const Rect box = page.cell("copy clip " + clips({})[i].first);
    page.draw(box, from<raster::Copy>(picture, source_area), clips(box)[i].second);
  }
  page.one("copy of a too small image", from<raster::Copy>(picture, Rect::of({20, 14}, cell_size)));
  page.one("copy from the same surface",
           from<raster::Copy>(image_of(page_work), Rect::of({300, 440}, cell_size)));
  add_moves(page);
  return page.finish();
}

DrawPage page_of_opaques() {
  PageBuilder page("opaque: rops of brush and source, scaling, masks", PixelFormat::xrgb32);
  const auto opaque = [](const Brush& brush, Rop rop) {
    auto made = from<raster::Opaque>(picture_image(41), source_area);
    made.brush = brush;
    made.rop = rop;
    return made;
  };
  for (const Rop rop : page_rops()) {
    page.one(fmt::format("opaque {} no brush", name_of(rop)), opaque(Brush{}, rop));
    page.one(fmt::format("opaque {} solid", name_of(rop)), opaque(ink, rop));
    const Rect box = page.cell(fmt::format("opaque {} pattern", name_of(rop)));
    page.draw(box, opaque(pattern_of(tile_image(42), box), rop));
    auto surface = opaque(ink, rop);
    surface.src = image_of(page_rgb);
    page.one(fmt::format("opaque {} surface", name_of(rop)), surface);
  }
  for (const NamedMask& m : masks()) {
    auto masked = opaque(ink, Rop::or_);
    masked.mask = m.mask;
    page.one("opaque " + m.name, masked);
  }
  auto nearest = opaque(ink, Rop::exclusive_or);
  nearest.src_area = {3, 2, 20, 11};
  nearest.scale = ScaleMode::nearest;
  page.one("opaque nearest", nearest);
  // This rop leaves what is one off no further off.
  auto filtered = opaque(Color{0xffffff}, Rop::and_);
  filtered.src_area = {3, 2, 20, 11};
  page.set_tolerance(1);
  page.one("opaque filtered", filtered);
  return page.finish();
}

namespace {

constexpr Point rop3_corner{5, 3};

/// The result changes with brush, source and destination; the other 38 codes are for other draws.
bool uses_all_three(unsigned code) {
  const auto changes = [&](unsigned bits, unsigned shift) {
    return ((code >> shift ^ code) & bits) != 0;
  };
  return changes(0x0f, 4) && changes(0x33, 2) && changes(0x55, 1);
}

raster::Rop3 rop3_of(unsigned code, raster::ImageRef source) {
  auto rop3 = from<raster::Rop3>(std::move(source), Rect::of(rop3_corner, cell_size));
  rop3.rop3 = static_cast<std::uint8_t>(code);
  rop3.brush = ink;
  return rop3;
}

}  // namespace

DrawPage page_of_rop3_colors() {
  PageBuilder page("rop3: image, solid brush and destination, the 218 codes of all three",
                   PixelFormat::xrgb32);
  const raster::ImageRef picture = image_of(page_picture({40, 30}, PixelFormat::xrgb32, 51));
  for (unsigned code = 0; code < 256; ++code) {
    if (uses_all_three(code)) page.one(fmt::format("rop3 {:02x}", code), rop3_of(code, picture));
  }
  for (const NamedMask& m : masks()) {
    auto masked = rop3_of(0xb8, image_of(page_rgb));
    masked.mask = m.mask;
    page.one("rop3 " + m.name, masked);
  }
  auto scaled = rop3_of(0xca, image_of(page_rgb));
  scaled.src_area = {0, 0, 16, 12};
  scaled.scale = ScaleMode::nearest;
  page.one("rop3 nearest", scaled);
  return page.finish();
}

DrawPage page_of_rop3_patterns() {
  PageBuilder page("rop3: surface, pattern and destination, the 218 codes of all three",
                   PixelFormat::xrgb32);
  const raster::ImageRef tile = image_of(page_picture({9, 7}, PixelFormat::xrgb32, 61));
  for (unsigned code = 0; code < 256; ++code) {
    if (!uses_all_three(code)) continue;
    auto rop3 = rop3_of(code, image_of(page_rgb));
    const Rect box = page.cell(fmt::format("rop3 {:02x}", code));
    rop3.brush = pattern_of(tile, box, {-5, -3});
    page.draw(box, rop3);
  }
  return page.finish();
}

void add_hard_rop3_cells(PageBuilder& page) {
  const raster::ImageRef tile = image_of(page_picture({9, 7}, PixelFormat::xrgb32, 61));
  for (unsigned code = 0; code < 256; ++code) {
    if (uses_all_three(code)) continue;
    page.one(fmt::format("rop3 {:02x}", code), rop3_of(code, image_of(page_rgb)));
    const Rect box = page.cell(fmt::format("rop3 {:02x} pattern", code));
    auto rop3 = rop3_of(code, image_of(page_rgb));
    rop3.brush = pattern_of(tile, box);
    page.draw(box, rop3);
  }
  auto none = rop3_of(0xca, image_of(page_rgb));
  none.brush = Brush{};
  page.one("rop3 no brush", none);
  const Rect box = page.cell("rop3 pattern from the right");
  auto right = rop3_of(0xca, image_of(page_rgb));
  right.brush = pattern_of(tile, box);
  page.draw(box, right);
  page.one("rop3 of a too small image",
           rop3_of(0xca, image_of(page_picture({20, 15}, PixelFormat::xrgb32, 62))));
}

}  // namespace cassia::server
