// SPDX-License-Identifier: Apache-2.0
// QUIC at every SimdLevel that this processor has: the bytes of the stock encoder, and back to the
// pixels.

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "render/codec/codecs.h"
#include "render/codec/encoders.h"
#include "render/codec/quic_bits.h"
#include "render/codec/quic_predict.h"
#include "tests/unit/codec/pictures.h"
#include "tests/unit/codec/samples.h"

namespace cassia::codec {
namespace {

using raster::Bitmap;
using raster::PixelFormat;
using raster::Size;
using test::Scene;

std::uint64_t fnv1a(ByteView bytes) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3u;
  return hash;
}

PixelFormat format_of(const std::string& type) {
  if (type == "gray") return PixelFormat::a8;
  if (type == "rgb16") return PixelFormat::rgb555;
  return type == "rgb32" ? PixelFormat::xrgb32 : PixelFormat::argb32;
}

Scene scene_of(const std::string& name) {
  for (Scene scene : test::all_scenes) {
    if (name == name_of(scene)) return scene;
  }
  ADD_FAILURE() << "no scene " << name;
  return Scene::flat;
}

/// A picture and what the stock encoder made of it.
struct Reference {
  std::string type, scene;
  Size size;
  std::size_t length;
  std::uint64_t hash;
};

std::vector<Reference> references() {
  std::ifstream file(CASSIA_CODEC_DATA "/quic_hashes.txt");
  std::vector<Reference> all;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    Reference each;
    words >> each.type >> each.scene >> each.size.width >> each.size.height >> each.length >>
        std::hex >> each.hash;
    EXPECT_TRUE(words) << line;
    all.push_back(each);
  }
  return all;
}

/// What decoding has to give: rgb555 comes back as 32-bit pixels.
Bitmap widened(const Bitmap& source) {
  if (source.format() != PixelFormat::rgb555) return source;
  Bitmap wide = Bitmap::create(source.size(), PixelFormat::xrgb32).value();
  const auto five = [](unsigned c) { return (c & 31) << 3 | (c & 31) >> 2; };
  for (int y = 0; y < source.height(); ++y) {
    for (int x = 0; x < source.width(); ++x) {
      const unsigned c = reinterpret_cast<const std::uint16_t*>(source.row(y))[x];
      wide.row32(y)[x] = 0xff000000u | five(c >> 10) << 16 | five(c >> 5) << 8 | five(c);
    }
  }
  return wide;
}

TEST(Quic, EncodesToTheStockBytesAndDecodesThem) {
  const auto all = references();
  EXPECT_EQ(all.size(), 644u);
  for (const Reference& each : all) {
    const Bitmap picture = draw(scene_of(each.scene), each.size, format_of(each.type));
    const Bitmap expected = widened(picture);
    for (SimdLevel level : usable_simd()) {
      SCOPED_TRACE(fmt::format("{} {} {}x{} {}", each.type, each.scene, each.size.width,
                               each.size.height, name_of(level)));
      const auto encoded = encode_quic_at(picture, level);
      ASSERT_TRUE(encoded);
      EXPECT_EQ(encoded->data.size(), each.length);
      ASSERT_EQ(fnv1a(encoded->data.view()), each.hash);
      const auto decoded = decode_quic(encoded->data.view(), each.size, level);
      ASSERT_TRUE(decoded) << decoded.error().message();
      EXPECT_EQ(decoded->format(), expected.format());
      ASSERT_TRUE(same_pixels(*decoded, expected));
    }
  }
}

TEST(Quic, Rgb24IsRgb32WithAnotherType) {
  const Bitmap picture = test::draw(Scene::text, {45, 32});
  Bytes bytes = to_bytes(encode_quic_at(picture, best_simd())->data.view());
  bytes[8] = 3;
  EXPECT_EQ(bytes, test::sample_bytes("quic_rgb24.text"));
  for (SimdLevel level : usable_simd()) {
    const auto decoded = decode_quic(bytes, picture.size(), level);
    ASSERT_TRUE(decoded);
    EXPECT_TRUE(same_pixels(*decoded, picture));
  }
}

TEST(Quic, TheUnusedByteOfAPixelDoesNotMatter) {
  Bitmap picture = test::draw(Scene::sparse, {200, 20});
  const auto plain = encode_quic_at(picture, best_simd());
  for (int y = 0; y < 20; ++y) {
    for (int x = 0; x < 200; ++x) {
      picture.row32(y)[x] = (picture.row32(y)[x] & 0xffffff) | static_cast<unsigned>(x * y) << 24;
    }
  }
  for (SimdLevel level : usable_simd()) {
    const auto garnished = encode_quic_at(picture, level);
    EXPECT_EQ(to_bytes(garnished->data.view()), to_bytes(plain->data.view())) << name_of(level);
  }
}

TEST(Quic, TakesRowsWithAnyStride) {
  const Bitmap whole = test::draw(Scene::photo, {333, 40});
  for (int left : {1, 2, 3, 5}) {
    const Bitmap part = whole.view({left, 3, left + 199, 37});
    const auto packed = encode_quic_at(part.copy().value(), SimdLevel::portable);
    for (SimdLevel level : usable_simd()) {
      EXPECT_EQ(to_bytes(encode_quic_at(part, level)->data.view()), to_bytes(packed->data.view()));
    }
  }
}

TEST(Quic, DamageMeansTheSameAtEveryLevel) {
  for (const char* name : {"quic.text", "quic.ui", "quic.photo"}) {
    const Bytes good = test::sample_bytes(name);
    for (std::size_t i = 0; i < 400; ++i) {
      Bytes bad = good;
      bad[20 + (i * 7919) % (bad.size() - 20)] ^= static_cast<std::uint8_t>(1 + i * 31 % 255);
      const auto expected = decode_quic(bad, {96, 64}, SimdLevel::portable);
      for (SimdLevel level : usable_simd()) {
        const auto decoded = decode_quic(bad, {96, 64}, level);
        ASSERT_EQ(decoded.has_value(), expected.has_value()) << name << ' ' << i;
        if (decoded) {
          ASSERT_TRUE(same_pixels(*decoded, *expected)) << name << ' ' << i;
        }
      }
    }
  }
}

TEST(Quic, PredictsRowsAlikeAtEveryLevel) {
  const Bitmap picture = test::draw(Scene::noise, {150, 2}, PixelFormat::argb32);
  const std::uint32_t* pixels = picture.row32(0);
  for (std::size_t width = 1; width <= 150; ++width) {
    for (const std::uint32_t* above :
         {static_cast<const std::uint32_t*>(nullptr), picture.row32(1)}) {
      std::vector<std::uint32_t> expected(width), got(width);
      std::vector<std::uint64_t> expected_same(quic::mask_words(width)), same(expected_same);
      quic::predict_row(SimdLevel::portable, quic::Depth::bits8, above, pixels, width,
                        expected.data(), expected_same.data());
      for (SimdLevel level : usable_simd()) {
        quic::predict_row(level, quic::Depth::bits8, above, pixels, width, got.data(), same.data());
        for (std::size_t x = 0; x < width; ++x) {
          ASSERT_EQ(got[x] & 0xffffff, expected[x] & 0xffffff) << width << ' ' << x;
        }
        ASSERT_EQ(same, expected_same) << width;
      }
    }
  }
}

TEST(Quic, ReversesWordsAlikeAtEveryLevel) {
  Bytes from(400);
  for (std::size_t i = 0; i < from.size(); ++i)
    from[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
  for (std::size_t length = 0; length <= from.size(); length += 4) {
    for (SimdLevel level : usable_simd()) {
      Bytes to(length);
      quic::reverse_words(level, to.data(), from.data(), length);
      for (std::size_t i = 0; i < length; ++i) ASSERT_EQ(to[i], from[i ^ 3]);
    }
  }
}

}  // namespace
}  // namespace cassia::codec
