// SPDX-License-Identifier: Apache-2.0
// The page of image encodings: every bitmap format of the wire and every codec that stands alone.

#include "render/codec/encode.h"
#include "server/guest/page_builder.h"

namespace cassia::server {

using raster::Bitmap;
using raster::PixelFormat;
using raster::Rect;
using raster::Size;
using raster::WireBitmapFormat;

namespace {

constexpr Size picture_size{37, 27};
/// The gateway compresses images of 256 bytes and more: these go out as they are.
constexpr Size small_size{7, 9};

/// A pattern of `colors` colours.
raster::BitmapPtr few_colors(Size size, unsigned colors) {
  auto made = Bitmap::create_cleared(size, PixelFormat::xrgb32);
  if (!made) return nullptr;
  for (std::int32_t y = 0; y < size.height; ++y) {
    for (std::int32_t x = 0; x < size.width; ++x) {
      const auto index = static_cast<unsigned>(x / 2 + y * 5) % colors;
      made->row32(y)[x] = (index * 0x3b7f1du + 0x203040u) & 0xffffffu;
    }
  }
  return std::make_shared<const Bitmap>(std::move(*made));
}

raster::ImageRef image_as(Result<raster::EncodedImage> encoded) {
  raster::ImageRef ref;
  if (encoded) ref.source = std::make_shared<const raster::EncodedImage>(std::move(*encoded));
  return ref;
}

/// Small ones are stretched.
Rect area_of(const raster::ImageRef& image) {
  const bool small = image.encoded() && image.encoded()->size == small_size;
  return small ? Rect{1, 1, small_size.width, small_size.height} : Rect::of({3, 2}, cell_size);
}

void add_copy(PageBuilder& page, const std::string& name, const raster::ImageRef& image,
              raster::Mask mask = {}) {
  raster::Copy copy;
  copy.src = image;
  copy.src_area = area_of(image);
  copy.scale = raster::ScaleMode::nearest;
  copy.mask = std::move(mask);
  page.one(name, copy);
}

void add_image(PageBuilder& page, const std::string& name, const raster::ImageRef& image) {
  add_copy(page, name, image);
  raster::AlphaBlend blend;
  blend.src = image;
  blend.src_area = area_of(image);
  page.set_tolerance(1);
  page.one(name + " blended", blend);
  page.set_tolerance(0);
  raster::Fill fill;
  const Rect box = page.cell(name + " as a pattern");
  fill.brush = raster::Pattern{image, {box.left - 7, box.top - 5}};
  fill.rop = raster::Rop::exclusive_or;
  page.draw(box, fill);
}

struct RawFormat {
  const char* name;
  WireBitmapFormat format;
  raster::BitmapPtr picture;
};

void add_raw(PageBuilder& page, const RawFormat& raw) {
  for (const bool top_down : {true, false}) {
    add_image(page, fmt::format("{} {}", raw.name, top_down ? "from the top" : "from the bottom"),
              image_as(codec::encode_raw_as(*raw.picture, raw.format, top_down)));
  }
}

void add_coded(PageBuilder& page) {
  const auto rgb = page_picture(picture_size, PixelFormat::xrgb32, 121);
  const auto argb = page_picture(picture_size, PixelFormat::argb32, 122);
  const auto rgb555 = page_picture(picture_size, PixelFormat::rgb555, 123);
  for (const auto& [name, picture] : {std::pair{"rgb", rgb}, {"argb", argb}, {"16 bits", rgb555}}) {
    add_image(page, fmt::format("quic {}", name), image_as(codec::encode_quic(*picture)));
    add_image(page, fmt::format("lz {}", name), image_as(codec::encode_lz(*picture)));
    add_image(page, fmt::format("lz4 {}", name), image_as(codec::encode_lz4(*picture)));
  }
  for (const unsigned colors : {2u, 16u, 200u}) {
    add_image(page, fmt::format("lz of {} colours", colors),
              image_as(codec::encode_lz_palette(*few_colors(picture_size, colors))));
  }
  add_image(page, "jpeg", image_as(codec::encode_jpeg(*rgb, 80)));
  add_image(page, "jpeg with alpha", image_as(codec::encode_jpeg(*argb, 80)));
}

/// One bit a pixel is the only format of a mask, in both orders of its bits.
void add_masks(PageBuilder& page) {
  const auto picture = image_of(page_picture(picture_size, PixelFormat::xrgb32, 129));
  const auto bits = page_mask(cell_size);
  for (const bool big : {true, false}) {
    for (const bool top_down : {true, false}) {
      raster::Mask mask;
      mask.image = image_as(codec::encode_raw_as(
          *bits, big ? WireBitmapFormat::bit1_be : WireBitmapFormat::bit1_le, top_down));
      add_copy(page,
               fmt::format("mask 1BIT_{} {}", big ? "BE" : "LE",
                           top_down ? "from the top" : "from the bottom"),
               picture, mask);
    }
  }
}

/// The first draw of an image takes it into the client's cache, others find it there; what came
/// with losses is replaced when it is needed without, and then found as that.
void add_cached(PageBuilder& page) {
  const auto picture = page_picture(picture_size, PixelFormat::xrgb32, 130);
  const auto known = [](raster::ImageRef image, std::uint64_t id) {
    image.identity = {id, true};
    return image;
  };
  const auto exact = known(image_as(codec::encode_quic(*picture)), 1001);
  add_copy(page, "into the cache", exact);
  add_copy(page, "from the cache", exact);
  const auto lossy = known(image_as(codec::encode_jpeg(*picture, 30)), 1002);
  const auto better = known(image_as(codec::encode_lz(*picture)), 1002);
  add_copy(page, "lossy into the cache", lossy);
  add_copy(page, "lossy from the cache", lossy);
  add_copy(page, "replaced in the cache", better);
  add_copy(page, "lossless from the cache", better);
  const auto palette = image_as(codec::encode_lz_palette(*few_colors(picture_size, 16)));
  add_copy(page, "palette into the cache", palette);
  add_copy(page, "palette from the cache", palette);
}

void add_all(PageBuilder& page) {
  const auto picture = [](PixelFormat format, unsigned seed) {
    return page_picture(small_size, format, seed);
  };
  add_raw(page, {"1BIT_BE", WireBitmapFormat::bit1_be, few_colors(small_size, 2)});
  add_raw(page, {"4BIT_BE", WireBitmapFormat::bit4_be, few_colors(small_size, 16)});
  add_raw(page, {"8BIT", WireBitmapFormat::bit8, few_colors(small_size, 50)});
  add_raw(page, {"16BIT", WireBitmapFormat::rgb16, picture(PixelFormat::rgb555, 124)});
  add_raw(page, {"24BIT", WireBitmapFormat::rgb24, picture(PixelFormat::xrgb32, 125)});
  add_raw(page, {"32BIT", WireBitmapFormat::rgb32, picture(PixelFormat::xrgb32, 126)});
  add_raw(page, {"RGBA", WireBitmapFormat::rgba, picture(PixelFormat::argb32, 127)});
  add_raw(page, {"8BIT_A", WireBitmapFormat::a8, picture(PixelFormat::a8, 128)});
  add_masks(page);
  add_coded(page);
  add_cached(page);
}

}  // namespace

DrawPage page_of_images() {
  PageBuilder page("images: bitmap formats, palettes, orientations, masks, codecs, caches",
                   PixelFormat::xrgb32);
  add_all(page);
  return page.finish();
}

void add_hard_image_cells(PageBuilder& page) {
  add_raw(page, {"1BIT_LE", WireBitmapFormat::bit1_le, few_colors(small_size, 2)});
  add_raw(page, {"4BIT_LE", WireBitmapFormat::bit4_le, few_colors(small_size, 16)});
}

}  // namespace cassia::server
