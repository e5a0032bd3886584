// SPDX-License-Identifier: Apache-2.0
// Images that other programs encoded decode to the pixels that went into them.

#include <gtest/gtest.h>

#include "render/codec/decode.h"
#include "tests/unit/codec/pictures.h"
#include "tests/unit/codec/samples.h"

namespace cassia::codec {
namespace {

using raster::Bitmap;
using raster::EncodedImage;
using raster::ImageCodec;
using raster::PixelFormat;
using raster::Size;
using raster::WireBitmapFormat;
using test::sample;
using test::Scene;

constexpr Size wire_size{96, 64};
constexpr Size made_size{45, 32};

Bitmap decoded(const EncodedImage& image, DecodeContext& context) {
  auto result = decode(image, context);
  EXPECT_TRUE(result) << result.error().message();
  return result ? *result : Bitmap();
}

Bitmap decoded(const EncodedImage& image) {
  DecodeContext context;
  return decoded(image, context);
}

/// Pixels as Xspice holds them: the picture, opaque.
void expect_picture(const Bitmap& bitmap, Scene scene, Size size = wire_size) {
  ASSERT_FALSE(bitmap.empty());
  EXPECT_TRUE(same_pixels(bitmap, test::draw(scene, size))) << name_of(scene);
}

TEST(WireSamples, Lz) {
  expect_picture(decoded(sample("lz.text", ImageCodec::lz_rgb, wire_size)), Scene::text);
  expect_picture(decoded(sample("lz.ui", ImageCodec::lz_rgb, wire_size)), Scene::ui);
}

TEST(WireSamples, Quic) {
  expect_picture(decoded(sample("quic.text", ImageCodec::quic, wire_size)), Scene::text);
  expect_picture(decoded(sample("quic.ui", ImageCodec::quic, wire_size)), Scene::ui);
  expect_picture(decoded(sample("quic.photo", ImageCodec::quic, wire_size)), Scene::photo);
}

TEST(WireSamples, Lz4) {
  expect_picture(decoded(sample("lz4.text", ImageCodec::lz4, wire_size)), Scene::text);
  expect_picture(decoded(sample("lz4.ui", ImageCodec::lz4, wire_size)), Scene::ui);
}

TEST(WireSamples, Glz) {
  GlzWindow window(1 << 20);
  DecodeContext context{.glz_window = &window};
  expect_picture(decoded(sample("glz.0.text", ImageCodec::glz_rgb, wire_size), context),
                 Scene::text);
  expect_picture(decoded(sample("glz.1.ui", ImageCodec::glz_rgb, wire_size), context), Scene::ui);
  expect_picture(decoded(sample("glz.5.ui", ImageCodec::glz_rgb, wire_size), context), Scene::ui);
  EXPECT_EQ(window.image_count(), 3u);
}

TEST(WireSamples, ZlibGlz) {
  GlzWindow window(1 << 20);
  DecodeContext context{.glz_window = &window};
  const struct {
    const char* name;
    std::uint32_t inflated;
    Scene scene;
  } images[] = {{"zlib_glz.0.text", 1996, Scene::text},
                {"zlib_glz.1.ui", 824, Scene::ui},
                {"zlib_glz.5.ui", 112, Scene::ui}};
  for (const auto& each : images) {
    EncodedImage image = sample(each.name, ImageCodec::zlib_glz, wire_size);
    image.inflated_size = each.inflated;
    expect_picture(decoded(image, context), each.scene);
  }
}

TEST(WireSamples, JpegAlpha) {
  EncodedImage image = sample("jpeg_alpha.photo", ImageCodec::jpeg_alpha, wire_size);
  image.jpeg_size = 1349;
  const Bitmap bitmap = decoded(image);
  ASSERT_EQ(bitmap.format(), PixelFormat::argb32);
  const Bitmap source = test::draw(Scene::photo, wire_size);
  std::int64_t error = 0;
  for (int y = 0; y < wire_size.height; ++y) {
    for (int x = 0; x < wire_size.width; ++x) {
      const std::uint32_t a = bitmap.row32(y)[x], b = source.row32(y)[x];
      ASSERT_EQ(a >> 24, 0xffu);
      error += std::abs(static_cast<int>(a & 255) - static_cast<int>(b & 255));
    }
  }
  EXPECT_LT(error / (wire_size.width * wire_size.height), 16);  // lossy, but this picture
}

TEST(MadeSamples, QuicTypes) {
  const auto get = [](const char* name) {
    return decoded(sample(name, ImageCodec::quic, made_size));
  };
  expect_picture(get("quic_rgb24.text"), Scene::text, made_size);
  expect_picture(get("quic_rgb32.text"), Scene::text, made_size);
  EXPECT_TRUE(
      same_pixels(get("quic_rgba.text"), test::draw(Scene::text, made_size, PixelFormat::argb32)));
  EXPECT_TRUE(
      same_pixels(get("quic_gray.text"), test::draw(Scene::text, made_size, PixelFormat::a8)));
}

TEST(MadeSamples, LzTypes) {
  const auto get = [](const char* name) {
    return decoded(sample(name, ImageCodec::lz_rgb, made_size));
  };
  expect_picture(get("lz_rgb24.text"), Scene::text, made_size);
  expect_picture(get("lz_rgb32_bottom_up.text"), Scene::text, made_size);
  EXPECT_TRUE(
      same_pixels(get("lz_rgba.text"), test::draw(Scene::text, made_size, PixelFormat::argb32)));
  EXPECT_TRUE(same_pixels(get("lz_a8.text"), test::draw(Scene::text, made_size, PixelFormat::a8)));
}

TEST(MadeSamples, FifteenBitColours) {
  const Bitmap source = test::draw(Scene::text, made_size, PixelFormat::rgb555);
  const auto expand = [](unsigned c) { return c << 3 | c >> 2; };
  for (const Bitmap& bitmap : {decoded(sample("quic_rgb16.text", ImageCodec::quic, made_size)),
                               decoded(sample("lz_rgb16.text", ImageCodec::lz_rgb, made_size))}) {
    ASSERT_EQ(bitmap.format(), PixelFormat::xrgb32);
    for (int y = 0; y < made_size.height; ++y) {
      for (int x = 0; x < made_size.width; ++x) {
        const unsigned c = reinterpret_cast<const std::uint16_t*>(source.row(y))[x];
        ASSERT_EQ(bitmap.row32(y)[x],
                  expand(c >> 10 & 31) << 16 | expand(c >> 5 & 31) << 8 | expand(c & 31));
      }
    }
  }
}

/// The rows of an lz_plt sample as an uncompressed bitmap: bytes of a picture.
EncodedImage rows_as_bitmap(WireBitmapFormat format, int row, Scene scene) {
  const Bitmap source = test::draw(scene, {row, made_size.height}, PixelFormat::a8);
  Bytes bytes;
  for (int y = 0; y < made_size.height; ++y) {
    bytes.insert(bytes.end(), source.row(y), source.row(y) + row);
  }
  EncodedImage image;
  image.codec = ImageCodec::bitmap;
  image.size = made_size;
  image.bitmap_format = format;
  image.stride = row;
  image.data = SharedBytes(std::move(bytes));
  return image;
}

TEST(MadeSamples, PalettisedLz) {
  const struct {
    const char* name;
    WireBitmapFormat format;
    int row;
    std::size_t colors;
    Scene scene;
  } cases[] = {{"lz_plt1_le.photo", WireBitmapFormat::bit1_le, 6, 2, Scene::photo},
               {"lz_plt1_be.photo", WireBitmapFormat::bit1_be, 6, 2, Scene::photo},
               {"lz_plt4_le.photo", WireBitmapFormat::bit4_le, 23, 16, Scene::photo},
               {"lz_plt4_be.photo", WireBitmapFormat::bit4_be, 23, 16, Scene::photo},
               {"lz_plt8.text", WireBitmapFormat::bit8, 45, 256, Scene::text}};
  for (const auto& each : cases) {
    auto palette = std::make_shared<raster::Palette>();
    for (std::uint32_t i = 0; i < each.colors; ++i)
      palette->colors.push_back(i * 0x123457 & 0xffffff);
    EncodedImage lz = sample(each.name, ImageCodec::lz_palette, made_size);
    EncodedImage raw = rows_as_bitmap(each.format, each.row, each.scene);
    lz.palette = raw.palette = palette;
    const Bitmap expected = decoded(raw);
    EXPECT_TRUE(same_pixels(decoded(lz), expected)) << each.name;
  }
}

}  // namespace
}  // namespace cassia::codec
