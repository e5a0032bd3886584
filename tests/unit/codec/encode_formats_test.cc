// SPDX-License-Identifier: Apache-2.0
// Every form in which LZ, LZ4 and raw bitmaps can be sent comes back as the same pixels: types
// without a pixel format of ours, palettes, bottom-up rows, all SIMD levels.

#include <gtest/gtest.h>

#include "render/codec/codecs.h"
#include "render/codec/encode.h"
#include "render/codec/encoders.h"
#include "tests/unit/codec/pictures.h"

namespace cassia::codec {
namespace {

using raster::Bitmap;
using raster::EncodedImage;
using raster::ImageCodec;
using raster::PixelFormat;
using raster::Size;
using raster::WireBitmapFormat;
using test::Scene;

constexpr Size sizes[] = {{1, 1}, {2, 3}, {7, 5}, {9, 2}, {33, 9}, {63, 40}, {257, 31}};
constexpr WireBitmapFormat palettised[] = {WireBitmapFormat::bit1_le, WireBitmapFormat::bit1_be,
                                           WireBitmapFormat::bit4_le, WireBitmapFormat::bit4_be,
                                           WireBitmapFormat::bit8};

/// A picture of exactly min(colors, pixels) colours.
Bitmap colored(Size size, std::uint32_t colors) {
  Bitmap bitmap = Bitmap::create_cleared(size, PixelFormat::xrgb32).value();
  std::uint32_t next = 0;
  for (std::int32_t y = 0; y < size.height; ++y) {
    for (std::int32_t x = 0; x < size.width; ++x, ++next) {
      const std::uint32_t pick = next < colors ? next : (next / 3 * 7 + next % 2) % colors;
      bitmap.row32(y)[x] = 0xff000000u | (pick * 0x020304 & 0xffffff);
    }
  }
  return bitmap;
}

void expect_decodes_to(const EncodedImage& image, const Bitmap& expected, const std::string& what) {
  DecodeContext context;
  const auto decoded = decode(image, context);
  ASSERT_TRUE(decoded) << what << ": " << decoded.error().message();
  EXPECT_EQ(decoded->format(), expected.format()) << what;
  EXPECT_TRUE(same_pixels(*decoded, expected)) << what;
}

TEST(EncodeFormats, LzInBothOrientationsAtEveryLevel) {
  for (Size size : sizes) {
    for (PixelFormat format : {PixelFormat::xrgb32, PixelFormat::argb32, PixelFormat::a8}) {
      const Bitmap source = test::draw(Scene::ui, size, format);
      for (SimdLevel level : usable_simd()) {
        for (bool top_down : {true, false}) {
          const auto image = encode_lz_as(source, {.level = level, .top_down = top_down});
          expect_decodes_to(*image, source, fmt::format("{} {}", name_of(level), top_down));
        }
      }
    }
  }
}

TEST(EncodeFormats, Lz24BitsIsLz32BitsButForTheHeader) {
  const Bitmap source = test::draw(Scene::text, {100, 30});
  const EncodedImage image = *encode_lz_as(source, {.rgb24 = true});
  expect_decodes_to(image, source, "rgb24");
  const auto whole = encode_lz(source)->data.view();
  EXPECT_TRUE(std::ranges::equal(image.data.view().subspan(28), whole.subspan(28)));
}

TEST(EncodeFormats, LzPaletteInEveryFormat) {
  for (Size size : sizes) {
    for (WireBitmapFormat format : palettised) {
      const Bitmap source = colored(size, 1u << index_bits(format));
      const auto picture = index_colors(source, std::size_t{1} << index_bits(format));
      ASSERT_TRUE(picture);
      for (SimdLevel level : usable_simd()) {
        for (bool top_down : {true, false}) {
          const LzOptions how{.level = level, .top_down = top_down};
          const EncodedImage image = encode_lz_palette_as(*picture, format, how);
          EXPECT_EQ(image.codec, ImageCodec::lz_palette);
          expect_decodes_to(image, source, fmt::format("format {}", static_cast<int>(format)));
        }
      }
    }
  }
}

TEST(EncodeFormats, PalettesAreOfTheFewestBits) {
  const auto bits = [](std::uint32_t colors) {
    return index_bits(encode_lz_palette(colored({64, 64}, colors))->bitmap_format);
  };
  EXPECT_EQ(bits(1), 1u);
  EXPECT_EQ(bits(2), 1u);
  EXPECT_EQ(bits(3), 4u);
  EXPECT_EQ(bits(16), 4u);
  EXPECT_EQ(bits(17), 8u);
  EXPECT_EQ(bits(256), 8u);
  EXPECT_EQ(encode_lz_palette(colored({64, 64}, 257)).error().kind(), ErrorKind::unsupported);
  EXPECT_EQ(encode_lz_palette(test::draw(Scene::ui, {9, 9}, PixelFormat::argb32)).error().kind(),
            ErrorKind::unsupported);
  EXPECT_GE(encode_lz_palette(colored({4, 4}, 1))->palette->colors.size(), 2u);
}

TEST(EncodeFormats, WhatIsBesideTheColoursIsNoColour) {
  Bitmap source = colored({64, 64}, 2);
  for (std::int32_t x = 0; x < 64; ++x) source.row32(5)[x] ^= static_cast<unsigned>(x) << 24;
  const auto image = encode_lz_palette(source);
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_EQ(image->palette->colors.size(), 2u);
}

TEST(EncodeFormats, RawInEveryFormatAndOrientation) {
  for (Size size : sizes) {
    for (bool top_down : {true, false}) {
      for (WireBitmapFormat format : palettised) {
        const Bitmap source = colored(size, 1u << index_bits(format));
        const auto image = encode_raw_as(source, format, top_down);
        ASSERT_TRUE(image) << image.error().message();
        EXPECT_EQ(image->stride % 4, 0);
        expect_decodes_to(*image, source, fmt::format("format {}", static_cast<int>(format)));
      }
      for (WireBitmapFormat format : {WireBitmapFormat::rgb24, WireBitmapFormat::rgb32}) {
        const Bitmap source = test::draw(Scene::photo, size);
        expect_decodes_to(*encode_raw_as(source, format, top_down), source, "colours");
      }
      const Bitmap alpha = test::draw(Scene::photo, size, PixelFormat::argb32);
      expect_decodes_to(*encode_raw_as(alpha, WireBitmapFormat::rgba, top_down), alpha, "rgba");
      const Bitmap gray = test::draw(Scene::photo, size, PixelFormat::a8);
      expect_decodes_to(*encode_raw_as(gray, WireBitmapFormat::a8, top_down), gray, "a8");
    }
  }
}

TEST(EncodeFormats, RawMasksInBothBitOrders) {
  Bitmap mask = Bitmap::create_cleared({37, 11}, PixelFormat::a1).value();
  for (std::int32_t y = 0; y < 11; ++y) {
    for (std::int32_t i = 0; i < 4; ++i)
      mask.row(y)[i] = static_cast<std::uint8_t>(y * 57 + i * 91);
    mask.row(y)[4] = static_cast<std::uint8_t>(y & 31);
  }
  for (WireBitmapFormat format : {WireBitmapFormat::bit1_le, WireBitmapFormat::bit1_be}) {
    for (bool top_down : {true, false}) {
      const auto decoded = decode_mask(*encode_raw_as(mask, format, top_down));
      ASSERT_TRUE(decoded);
      EXPECT_TRUE(same_pixels(*decoded, mask));
    }
  }
}

TEST(EncodeFormats, RawRefusesWhatWouldChangePixels) {
  const Bitmap photo = test::draw(Scene::photo, {40, 40});
  for (WireBitmapFormat format : palettised) {
    EXPECT_EQ(encode_raw_as(photo, format, true).error().kind(), ErrorKind::unsupported);
  }
  EXPECT_EQ(encode_raw_as(photo, WireBitmapFormat::rgb16, true).error().kind(),
            ErrorKind::unsupported);
  EXPECT_EQ(encode_raw_as(photo, WireBitmapFormat::rgba, true).error().kind(),
            ErrorKind::unsupported);
}

TEST(EncodeFormats, Lz4In24BitsAndBottomUp) {
  for (Size size : sizes) {
    for (bool top_down : {true, false}) {
      const Bitmap source = test::draw(Scene::ui, size);
      expect_decodes_to(*encode_lz4_as(source, {.top_down = top_down}), source, "32");
      expect_decodes_to(*encode_lz4_as(source, {.top_down = top_down, .rgb24 = true}), source,
                        "24");
      const Bitmap alpha = test::draw(Scene::ui, size, PixelFormat::argb32);
      expect_decodes_to(*encode_lz4_as(alpha, {.top_down = top_down}), alpha, "rgba");
    }
  }
}

TEST(EncodeFormats, JpegTakes16BitColours) {
  const auto image = encode_jpeg(test::draw(Scene::photo, {64, 48}, PixelFormat::rgb555), 90);
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_EQ(image->codec, ImageCodec::jpeg);
}

TEST(EncodeFormats, PalettesAreChosenWhereTheyPayAndTheViewerKnowsThem) {
  const Bitmap text = test::draw(Scene::text, {320, 200});
  EXPECT_EQ(encode(text, {})->codec, ImageCodec::lz_rgb);
  EXPECT_EQ(encode(text, {.lz_palette = true})->codec, ImageCodec::lz_palette);
  EXPECT_LT(encode(text, {.lz_palette = true})->data.size(), encode(text, {})->data.size() * 3 / 4);
  const Bitmap many = test::draw(Scene::photo, {320, 200});
  EXPECT_EQ(encode(many, {.quic = false, .lz_palette = true})->codec, ImageCodec::lz_rgb);
  // 256 colours on 256 pixels: the palette alone is larger than the picture.
  EXPECT_NE(encode(colored({16, 16}, 256), {.lz_palette = true})->codec, ImageCodec::lz_palette);
  const auto alpha = test::draw(Scene::text, {320, 200}, PixelFormat::argb32);
  EXPECT_EQ(encode(alpha, {.lz_palette = true})->codec, ImageCodec::lz_rgb);
}

}  // namespace
}  // namespace cassia::codec
