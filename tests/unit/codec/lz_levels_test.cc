// SPDX-License-Identifier: Apache-2.0
// Every SIMD level decodes LZ streams to the same pixels and refuses the same damage.

#include <gtest/gtest.h>

#include <algorithm>

#include "render/codec/codecs.h"
#include "render/codec/encode.h"
#include "render/codec/encoders.h"
#include "tests/unit/codec/pictures.h"

namespace cassia::codec {
namespace {

using raster::Bitmap;
using raster::EncodedImage;
using raster::PixelFormat;

constexpr PixelFormat formats[] = {PixelFormat::xrgb32, PixelFormat::argb32, PixelFormat::rgb555,
                                   PixelFormat::a8};

void expect_same_at_all_levels(const EncodedImage& image, const std::string& what) {
  const DecodeContext context;
  const auto reference = decode_lz(image, context, SimdLevel::portable);
  for (SimdLevel level : usable_simd()) {
    const auto other = decode_lz(image, context, level);
    ASSERT_EQ(bool(reference), bool(other)) << what << " at " << name_of(level);
    if (reference) {
      EXPECT_TRUE(same_pixels(*reference, *other)) << what << " at " << name_of(level);
    }
  }
}

TEST(LzLevels, DecodeTheSamePixels) {
  for (PixelFormat format : formats) {
    for (test::Scene scene : test::all_scenes) {
      for (raster::Size size : {raster::Size{1, 1}, {5, 3}, {33, 9}, {257, 64}, {640, 200}}) {
        const Bitmap source = test::draw(scene, size, format);
        const EncodedImage image = *encode_lz(source);
        expect_same_at_all_levels(image, name_of(scene));
      }
    }
  }
}

TEST(LzLevels, EncodeTheSameBytes) {
  for (PixelFormat format : formats) {
    for (test::Scene scene : test::all_scenes) {
      for (raster::Size size : {raster::Size{1, 1}, {5, 3}, {33, 9}, {257, 64}, {640, 200}}) {
        const Bitmap source = test::draw(scene, size, format);
        const EncodedImage reference = *encode_lz_as(source, {.level = SimdLevel::portable});
        for (SimdLevel level : usable_simd()) {
          const EncodedImage other = *encode_lz_as(source, {.level = level});
          EXPECT_TRUE(std::ranges::equal(reference.data.view(), other.data.view()))
              << name_of(scene) << " at " << name_of(level);
        }
      }
    }
  }
}

TEST(LzLevels, IgnoreWhatIsBesideTheColours) {
  Bitmap source = test::draw(test::Scene::text, {160, 90});
  const EncodedImage clean = *encode_lz(source);
  for (std::int32_t y = 0; y < 90; ++y) {
    for (std::int32_t x = 0; x < 160; ++x) source.row32(y)[x] ^= static_cast<unsigned>(x * y) << 24;
  }
  for (SimdLevel level : usable_simd()) {
    const EncodedImage dirty = *encode_lz_as(source, {.level = level});
    EXPECT_TRUE(std::ranges::equal(clean.data.view(), dirty.data.view())) << name_of(level);
  }
}

/// A stream in which a pattern of `period` pixels is repeated `count` times and more follows, so
/// that a wrong pixel or one written too far is seen.
Bitmap striped(std::int32_t period, std::int32_t count) {
  Bitmap bitmap = Bitmap::create_cleared({2000, 1}, PixelFormat::xrgb32).value();
  for (std::int32_t x = 0; x < 2000; ++x) {
    const std::int32_t place = x < 40 ? 7 * x : x < 40 + count ? x % period : x * x;
    bitmap.row32(0)[x] = 0xff000000u | static_cast<std::uint32_t>(place * 0x010307 & 0xffffff);
  }
  return bitmap;
}

TEST(LzLevels, RepeatPatternsOfEveryPeriodAndLength) {
  for (std::int32_t period = 1; period <= 35; ++period) {
    for (std::int32_t count :
         {1, 2, 3, 6, 7, 8, 9, 15, 16, 17, 31, 64, 95, 96, 97, 200, 263, 700}) {
      const Bitmap source = striped(period, count);
      const EncodedImage image = *encode_lz(source);
      for (SimdLevel level : usable_simd()) {
        const auto decoded = decode_lz(image, {}, level);
        ASSERT_TRUE(decoded && same_pixels(*decoded, source))
            << period << " pixels over " << count << " at " << name_of(level);
      }
    }
  }
}

TEST(LzLevels, RefuseTheSameDamage) {
  for (PixelFormat format : formats) {
    const EncodedImage good = *encode_lz(test::draw(test::Scene::ui, {160, 90}, format));
    for (std::size_t i = 0; i < 400; ++i) {
      Bytes bytes = to_bytes(good.data.view());
      bytes[28 + (i * 7919) % (bytes.size() - 28)] ^= static_cast<std::uint8_t>(1 + i * 31 % 255);
      EncodedImage bad = good;
      bad.data = SharedBytes(std::move(bytes));
      expect_same_at_all_levels(bad, "damaged");
    }
  }
}

}  // namespace
}  // namespace cassia::codec
