// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "render/codec/decode.h"

namespace cassia::codec {
namespace {

using raster::EncodedImage;
using raster::PixelFormat;
using raster::WireBitmapFormat;

EncodedImage bitmap(WireBitmapFormat format, raster::Size size, int stride, Bytes data) {
  EncodedImage image;
  image.codec = raster::ImageCodec::bitmap;
  image.size = size;
  image.bitmap_format = format;
  image.stride = stride;
  image.data = SharedBytes(std::move(data));
  return image;
}

std::vector<std::uint32_t> pixels(const EncodedImage& image, bool rgb555 = false) {
  DecodeContext context{.rgb555_palettes = rgb555};
  const auto result = decode(image, context);
  EXPECT_TRUE(result) << result.error().message();
  std::vector<std::uint32_t> out;
  for (int y = 0; result && y < result->height(); ++y) {
    out.insert(out.end(), result->row32(y), result->row32(y) + result->width());
  }
  return out;
}

std::shared_ptr<const raster::Palette> palette(std::vector<std::uint32_t> colors) {
  return std::make_shared<const raster::Palette>(raster::Palette{1, std::move(colors)});
}

using Pixels = std::vector<std::uint32_t>;

TEST(RawDecode, TrueColour) {
  EXPECT_EQ(pixels(bitmap(WireBitmapFormat::rgb32, {2, 1}, 8, {1, 2, 3, 0, 4, 5, 6, 7})),
            (Pixels{0x00030201, 0x07060504}));
  EXPECT_EQ(pixels(bitmap(WireBitmapFormat::rgba, {2, 1}, 8, {1, 2, 3, 0, 4, 5, 6, 7})),
            (Pixels{0x00030201, 0x07060504}));
  EXPECT_EQ(pixels(bitmap(WireBitmapFormat::rgb24, {2, 1}, 8, {1, 2, 3, 4, 5, 6, 0, 0})),
            (Pixels{0x00030201, 0x00060504}));
  EXPECT_EQ(
      pixels(bitmap(WireBitmapFormat::rgb16, {3, 1}, 6, {0x00, 0x7c, 0x20, 0x00, 0xff, 0xff})),
      (Pixels{0x00ff0000, 0x00000800, 0x00ffffff}));
}

TEST(RawDecode, BottomUpRowsAreTurned) {
  EncodedImage image =
      bitmap(WireBitmapFormat::rgb32, {1, 2}, 8, {1, 0, 0, 0, 9, 9, 9, 9, 2, 0, 0, 0, 9, 9, 9, 9});
  EXPECT_EQ(pixels(image), (Pixels{0x00000001, 0x00000002}));
  image.top_down = false;
  EXPECT_EQ(pixels(image), (Pixels{0x00000002, 0x00000001}));
}

TEST(RawDecode, Palettes) {
  EncodedImage image = bitmap(WireBitmapFormat::bit8, {3, 1}, 4, {1, 0, 200, 0});
  image.palette = palette({0x111111, 0x222222});
  EXPECT_EQ(pixels(image), (Pixels{0x00222222, 0x00111111, 0x00000000}));

  image = bitmap(WireBitmapFormat::bit4_be, {3, 1}, 2, {0x10, 0x20});
  image.palette = palette({0xa, 0xb, 0xc});
  EXPECT_EQ(pixels(image), (Pixels{0x0000000b, 0x0000000a, 0x0000000c}));
  image.bitmap_format = WireBitmapFormat::bit4_le;
  EXPECT_EQ(pixels(image), (Pixels{0x0000000a, 0x0000000b, 0x0000000a}));

  image = bitmap(WireBitmapFormat::bit1_be, {3, 1}, 1, {0xa0});
  image.palette = palette({0x0, 0xffffff});
  EXPECT_EQ(pixels(image), (Pixels{0x00ffffff, 0x00000000, 0x00ffffff}));
  image.bitmap_format = WireBitmapFormat::bit1_le;
  EXPECT_EQ(pixels(image), (Pixels{0x00000000, 0x00000000, 0x00000000}));
}

TEST(RawDecode, PalettesOf16BitGuests) {
  EncodedImage image = bitmap(WireBitmapFormat::bit8, {1, 1}, 4, {0, 0, 0, 0});
  image.palette = palette({0x7c1f});
  EXPECT_EQ(pixels(image, true), (Pixels{0x00ff00ff}));
}

TEST(RawDecode, HighBitsAreSetWhereTheImageSaysSo) {
  EncodedImage image = bitmap(WireBitmapFormat::rgb32, {2, 1}, 8, {1, 2, 3, 0, 4, 5, 6, 7});
  image.high_bits = true;
  EXPECT_EQ(pixels(image), (Pixels{0xff030201, 0xff060504}));
}

TEST(RawDecode, OneBitMasks) {
  EncodedImage image = bitmap(WireBitmapFormat::bit1_be, {10, 1}, 2, {0x81, 0x40});
  image.palette = palette({0, 1});
  const auto mask = decode_mask(image);
  ASSERT_TRUE(mask);
  EXPECT_EQ(mask->format(), PixelFormat::a1);
  EXPECT_EQ(mask->row(0)[0], 0x81);
  EXPECT_EQ(mask->row(0)[1], 0x02);
  image.palette = nullptr;
  DecodeContext context;
  EXPECT_EQ(decode(image, context)->format(), PixelFormat::a1);
  image.bitmap_format = WireBitmapFormat::bit1_le;
  EXPECT_EQ(decode_mask(image)->row(0)[1], 0x40);
  image.bitmap_format = WireBitmapFormat::bit8;
  EXPECT_FALSE(decode_mask(image));
}

TEST(RawDecode, Alpha8) {
  DecodeContext context;
  const auto result = decode(bitmap(WireBitmapFormat::a8, {3, 1}, 3, {7, 8, 9}), context);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->format(), PixelFormat::a8);
  EXPECT_EQ(result->row(0)[2], 9);
}

TEST(RawDecode, RefusesWhatDoesNotFit) {
  DecodeContext context;
  const auto kind = [&](const EncodedImage& image) {
    const auto result = decode(image, context);
    return result ? ErrorKind::internal : result.error().kind();
  };
  EXPECT_EQ(kind(bitmap(WireBitmapFormat::rgb32, {2, 2}, 8, Bytes(15))), ErrorKind::malformed);
  EXPECT_EQ(kind(bitmap(WireBitmapFormat::rgb32, {2, 2}, 4, Bytes(16))), ErrorKind::malformed);
  EXPECT_EQ(kind(bitmap(WireBitmapFormat::rgb32, {2, 2}, -8, Bytes(16))), ErrorKind::malformed);
  EXPECT_EQ(kind(bitmap(WireBitmapFormat::bit8, {2, 2}, 4, Bytes(8))), ErrorKind::malformed);
  EXPECT_EQ(kind(bitmap(WireBitmapFormat::invalid, {2, 2}, 4, Bytes(8))), ErrorKind::malformed);
  EXPECT_EQ(kind(bitmap(static_cast<WireBitmapFormat>(77), {2, 2}, 4, Bytes(8))),
            ErrorKind::malformed);
}

}  // namespace
}  // namespace cassia::codec
