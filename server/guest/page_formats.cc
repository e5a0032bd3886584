// SPDX-License-Identifier: Apache-2.0
// Pages of surfaces in the other formats: some of every operation on each, and draws from surfaces
// of one format to another.

#include <spice/enums.h>

#include "server/guest/page_builder.h"

namespace cassia::server {

using raster::Brush;
using raster::Color;
using raster::Mask;
using raster::Pattern;
using raster::PixelFormat;
using raster::Rect;
using raster::Rop;
using raster::ScaleMode;

namespace {

/// A raw pixel value that is neither light nor dark in any format.
constexpr Color ink = 0x5a3cc7a5;
const Rect source_area = Rect::of({5, 3}, cell_size);
const Rect small_area{3, 2, 20, 11};

raster::ImageRef rgb_image() { return image_of(page_picture({40, 30}, PixelFormat::xrgb32, 111)); }
raster::ImageRef argb_image() { return image_of(page_picture({40, 30}, PixelFormat::argb32, 112)); }

struct NamedImage {
  const char* name;
  raster::ImageRef image;
};

std::vector<NamedImage> sources() {
  return {
      {"rgb image", rgb_image()}, {"argb image", argb_image()}, {"surface", image_of(page_same)}};
}

Mask some_mask(bool inverse) {
  Mask mask;
  mask.image = image_of(page_mask({64, 48}));
  mask.origin = {7, 5};
  mask.inverse = inverse;
  return mask;
}

template <class Operation>
Operation from(raster::ImageRef image, const Rect& area = source_area) {
  Operation operation;
  operation.src = std::move(image);
  operation.src_area = area;
  return operation;
}

void add_fills(PageBuilder& page) {
  for (const Rop rop : page_rops()) {
    page.one(fmt::format("fill {} solid", name_of(rop)), raster::Fill{ink, rop, {}});
    const Rect box = page.cell(fmt::format("fill {} pattern", name_of(rop)));
    page.draw(box, raster::Fill{Pattern{argb_image(), {box.left + 5, box.top + 3}}, rop, {}});
    const Rect other = page.cell(fmt::format("fill {} surface", name_of(rop)));
    page.draw(other, raster::Fill{Pattern{image_of(page_same), {other.left - 70, 9}}, rop, {}});
  }
  page.one("fill masked", raster::Fill{ink, Rop::copy, some_mask(false)});
  page.one("blackness", raster::Blackness{some_mask(true)});
  page.one("whiteness", raster::Whiteness{some_mask(false)});
  page.one("invers", raster::Invers{some_mask(true)});
}

void add_copies(PageBuilder& page) {
  for (const NamedImage& source : sources()) {
    for (const Rop rop : {Rop::copy, Rop::exclusive_or, Rop::and_reverse}) {
      auto copy = from<raster::Copy>(source.image);
      copy.rop = rop;
      page.one(fmt::format("copy {} {}", name_of(rop), source.name), copy);
    }
    auto scaled = from<raster::Copy>(source.image, small_area);
    scaled.scale = ScaleMode::nearest;
    page.one(fmt::format("copy nearest {}", source.name), scaled);
    scaled.rop = Rop::or_inverted;
    page.one(fmt::format("copy nearest or {}", source.name), scaled);
    auto masked = from<raster::Blend>(source.image);
    masked.mask = some_mask(false);
    page.one(fmt::format("blend masked {}", source.name), masked);
    auto opaque = from<raster::Opaque>(source.image);
    opaque.brush = ink;
    opaque.rop = Rop::exclusive_or;
    page.one(fmt::format("opaque {}", source.name), opaque);
    auto transparent = from<raster::Transparent>(source.image);
    transparent.true_key = 0x2a4b12;
    page.one(fmt::format("transparent {}", source.name), transparent);
    page.set_tolerance(1);
    page.one(fmt::format("copy filtered {}", source.name),
             from<raster::Copy>(source.image, small_area));
    page.set_tolerance(0);
  }
  const Rect box = page.cell("move");
  page.draw(box, from<raster::Copy>(argb_image()));
  page.draw({box.left + 4, box.top + 3, box.right - 4, box.bottom - 3},
            raster::CopyBits{{box.left + 1, box.top + 5}});
}

/// Stock clients have ternary operations of 16 and 32 bits only.
void add_rop3(PageBuilder& page) {
  for (const NamedImage& source : sources()) {
    for (const unsigned code : {0x1eu, 0x96u, 0xb8u, 0xcau, 0xe2u}) {
      auto rop3 = from<raster::Rop3>(source.image);
      rop3.rop3 = static_cast<std::uint8_t>(code);
      rop3.brush = ink;
      page.one(fmt::format("rop3 {:02x} {}", code, source.name), rop3);
    }
    const Rect box = page.cell(fmt::format("rop3 pattern {}", source.name));
    auto tiled = from<raster::Rop3>(source.image);
    tiled.rop3 = 0xb8;
    tiled.brush = Pattern{argb_image(), {box.left - 5, box.top - 3}};
    page.draw(box, tiled);
  }
}

void add_blends(PageBuilder& page) {
  std::vector<NamedImage> all = sources();
  all.push_back({"argb surface", image_of(page_argb)});
  all.push_back({"rgb surface", image_of(page_rgb)});
  for (const NamedImage& source : all) {
    for (const int alpha : {1, 128, 255}) {
      auto blend = from<raster::AlphaBlend>(source.image);
      blend.alpha = static_cast<std::uint8_t>(alpha);
      page.one(fmt::format("alpha {} {}", alpha, source.name), blend);
    }
    auto scaled = from<raster::AlphaBlend>(source.image, small_area);
    scaled.alpha = 200;
    page.one(fmt::format("alpha scaled {}", source.name), scaled);
    for (const std::uint32_t op : {1u, 3u, 5u, 12u, 0x30u}) {
      raster::Composite composite;
      composite.src = source.image;
      composite.flags = op;
      page.one(fmt::format("composite {} {}", op, source.name), composite);
    }
    raster::Composite masked;
    masked.src = source.image;
    masked.mask = image_of(page_alpha);
    masked.flags = 3 | SPICE_COMPOSITE_HAS_MASK;
    page.one(fmt::format("composite masked {}", source.name), masked);
  }
}

void add_texts_and_strokes(PageBuilder& page) {
  for (const std::uint8_t depth : {1, 4}) {
    const Rect box = page.cell(fmt::format("text A{}", depth));
    page.draw(box, page_text(box, depth, ink));
    const Rect on = page.cell(fmt::format("text A{} on paper", depth));
    raster::Text text = page_text(on, depth, ink);
    text.back_area = on;
    text.back_brush = Pattern{argb_image(), on.origin()};
    page.draw(on, text);
  }
  for (const Rop rop : {Rop::copy, Rop::exclusive_or}) {
    const Rect box = page.cell(fmt::format("stroke {}", name_of(rop)));
    page.draw(box, page_stroke(box, ink, rop));
    const Rect other = page.cell(fmt::format("stroke {} pattern", name_of(rop)));
    page.draw(other, page_stroke(other, Pattern{argb_image(), other.origin()}, rop));
  }
}

DrawPage page_of_format(const char* name, PixelFormat format) {
  PageBuilder page(fmt::format("some of every operation on a surface of format {}", name), format);
  if (format == PixelFormat::a1) page.set_stock(StockClient::undefined);
  add_fills(page);
  add_copies(page);
  if (raster::bits_per_pixel(format) > 8) add_rop3(page);
  page.set_tolerance(1);
  add_blends(page);
  add_texts_and_strokes(page);
  return page.finish();
}

}  // namespace

DrawPage page_of_argb() { return page_of_format("32_ARGB", PixelFormat::argb32); }
DrawPage page_of_565() { return page_of_format("16_565", PixelFormat::rgb565); }
DrawPage page_of_555() { return page_of_format("16_555", PixelFormat::rgb555); }
DrawPage page_of_a8() { return page_of_format("8_A", PixelFormat::a8); }
DrawPage page_of_a1() { return page_of_format("1_A", PixelFormat::a1); }

void add_hard_format_cells(PageBuilder& page) {
  const NamedImage surfaces[] = {{"16_565", image_of(page_565)},
                                 {"16_555", image_of(page_555)},
                                 {"8_A", image_of(page_alpha)},
                                 {"1_A", image_of(page_bits)}};
  for (const NamedImage& surface : surfaces) {
    page.one(fmt::format("copy of {}", surface.name), from<raster::Copy>(surface.image));
    auto rop = from<raster::Copy>(surface.image);
    rop.rop = Rop::exclusive_or;
    page.one(fmt::format("copy xor of {}", surface.name), rop);
    auto scaled = from<raster::Copy>(surface.image, small_area);
    scaled.scale = ScaleMode::nearest;
    page.one(fmt::format("copy nearest of {}", surface.name), scaled);
    page.one(fmt::format("fill of {}", surface.name),
             raster::Fill{Pattern{surface.image, {4, 5}}, Rop::copy, {}});
    auto rop3 = from<raster::Rop3>(surface.image);
    rop3.brush = ink;
    rop3.rop3 = 0xb8;
    page.one(fmt::format("rop3 of {}", surface.name), rop3);
    page.one(fmt::format("transparent of {}", surface.name),
             from<raster::Transparent>(surface.image));
  }
}

}  // namespace cassia::server
