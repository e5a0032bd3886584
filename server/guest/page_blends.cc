// SPDX-License-Identifier: Apache-2.0
// Pages of alpha and of colour keys.

#include "server/guest/page_builder.h"

namespace cassia::server {

using raster::AlphaBlend;
using raster::PixelFormat;
using raster::Rect;
using raster::Size;
using raster::Transparent;

namespace {

constexpr std::uint32_t key = 0x30a050;
const Rect source_area = Rect::of({5, 3}, cell_size);

AlphaBlend blend_of(raster::ImageRef image, int alpha, const Rect& area = source_area) {
  AlphaBlend blend;
  blend.src = std::move(image);
  blend.src_area = area;
  blend.alpha = static_cast<std::uint8_t>(alpha);
  return blend;
}

struct NamedImage {
  const char* name;
  raster::ImageRef image;
};

std::vector<NamedImage> blend_sources() {
  return {{"rgb image", image_of(page_picture({40, 30}, PixelFormat::xrgb32, 71))},
          {"argb image", image_of(page_picture({40, 30}, PixelFormat::argb32, 72))},
          {"rgb surface", image_of(page_rgb)},
          {"argb surface", image_of(page_argb)}};
}

raster::ImageRef high_bits_image() {
  auto made = raster::Bitmap::create_cleared({40, 30}, PixelFormat::xrgb32);
  if (!made) return {};
  for (std::int32_t y = 0; y < 30; ++y) {
    for (std::int32_t x = 0; x < 40; ++x) {
      made->row32(y)[x] = 0xff000000u | static_cast<std::uint32_t>(x * 6 << 16 | y * 8 << 8 | 77);
    }
  }
  return image_of(std::make_shared<const raster::Bitmap>(std::move(*made)));
}

void add_blends(PageBuilder& page) {
  page.set_tolerance(1);
  for (const NamedImage& source : blend_sources()) {
    for (const int alpha : {0, 1, 77, 128, 254, 255}) {
      page.one(fmt::format("alpha {} {}", alpha, source.name), blend_of(source.image, alpha));
    }
    for (const int flags : {1, 2, 3}) {
      AlphaBlend blend = blend_of(source.image, 200);
      blend.dest_has_alpha = (flags & 1) != 0;
      blend.src_surface_has_alpha = (flags & 2) != 0;
      page.one(fmt::format("alpha flags {} {}", flags, source.name), blend);
    }
    for (const Size size : {Size{9, 7}, Size{38, 29}, Size{1, 1}}) {
      page.one(fmt::format("alpha {} scaled {}x{}", source.name, size.width, size.height),
               blend_of(source.image, 150, Rect::of({1, 1}, size)));
    }
  }
}

void add_edges_of_blends(PageBuilder& page) {
  const raster::ImageRef image = image_of(page_picture({40, 30}, PixelFormat::argb32, 72));
  const Rect box = page.cell("alpha clipped");
  page.draw(box, blend_of(image, 99),
            {std::vector<Rect>{{box.left + 3, box.top + 2, box.left + 20, box.top + 9},
                               {box.left + 9, box.top + 7, box.left + 30, box.top + 20}}});
  const Rect outside = page.cell("alpha clipped away");
  page.draw(outside, blend_of(image, 99), {std::vector<Rect>{{900, 900, 901, 901}}});
  page.one("alpha of a too small image", blend_of(image, 99, Rect::of({20, 14}, cell_size)));
  page.one("alpha from left of the image", blend_of(image, 99, Rect::of({-6, -5}, cell_size)));
  page.one("alpha from the same surface",
           blend_of(image_of(page_work), 99, Rect::of({300, 440}, cell_size)));
}

/// The highest byte of pixels that came from images without alpha, taken for alpha.
void add_unannounced_alpha(PageBuilder& page) {
  for (const bool opaque : {false, true}) {
    const raster::ImageRef image = opaque ? high_bits_image() : blend_sources()[0].image;
    const char* name = opaque ? "high bits" : "no alpha";
    for (const raster::SurfaceId surface : {page_rgb, page_argb}) {
      raster::Copy copy;
      copy.src = image;
      copy.src_area = Rect::of({3, 2}, {28, 20});
      page.draw(Rect::of({6, 5}, {28, 20}), copy, {}, surface);
      AlphaBlend blend = blend_of(image_of(surface), 255);
      blend.src_surface_has_alpha = true;
      page.one(fmt::format("alpha of {} on surface {}", name, surface), blend);
    }
  }
}

/// A third of its pixels have the key's colour.
raster::ImageRef keyed_image(Size size) {
  auto made = raster::Bitmap::create_cleared(size, PixelFormat::xrgb32);
  if (!made) return {};
  for (std::int32_t y = 0; y < size.height; ++y) {
    for (std::int32_t x = 0; x < size.width; ++x) {
      const auto other = static_cast<std::uint32_t>(x * 6 << 16 | y * 8 << 8 | 90);
      made->row32(y)[x] = (x / 4 + y / 3) % 3 == 0 ? key : other;
    }
  }
  return image_of(std::make_shared<const raster::Bitmap>(std::move(*made)));
}

Transparent transparent_of(raster::ImageRef image, const Rect& area) {
  Transparent transparent;
  transparent.src = std::move(image);
  transparent.src_area = area;
  transparent.key = transparent.true_key = key;
  return transparent;
}

void add_transparents(PageBuilder& page) {
  const raster::ImageRef image = keyed_image({40, 30});
  page.set_tolerance(0);
  page.one("transparent", transparent_of(image, source_area));
  page.one("transparent nearest", transparent_of(image, {3, 2, 20, 11}));
  page.one("transparent shrunk", transparent_of(image, {0, 0, 40, 30}));
  auto white = transparent_of(image, source_area);
  white.key = white.true_key = 0xffffff;
  page.one("transparent without its key", white);
  auto keys = transparent_of(image, source_area);
  keys.key = 0;  // only the true colour counts on surfaces of 32 bits
  page.one("transparent of another key", keys);
  const Rect clipped = page.cell("transparent clipped");
  page.draw(
      clipped, transparent_of(image, source_area),
      {std::vector<Rect>{{clipped.left + 3, clipped.top, clipped.left + 20, clipped.bottom}}});
  page.one("transparent of a too small image",
           transparent_of(image, Rect::of({20, 14}, cell_size)));
  // A picture of the key's colours on the surface, then from there to the next cell.
  const Rect from = page.cell("transparent source");
  page.draw(from, transparent_of(image, source_area));
  const Rect to = page.cell("transparent from the same surface");
  page.draw(to, transparent_of(image_of(page_work), from));
  page.one("transparent surface", transparent_of(image_of(page_rgb), source_area));
  page.one("transparent surface nearest", transparent_of(image_of(page_rgb), {3, 2, 20, 11}));
}

}  // namespace

DrawPage page_of_blends() {
  PageBuilder page("alpha_blend and transparent: sources, alphas, flags, keys, scaling, clips",
                   PixelFormat::xrgb32);
  add_blends(page);
  add_edges_of_blends(page);
  add_unannounced_alpha(page);
  add_transparents(page);
  return page.finish();
}

}  // namespace cassia::server
