// SPDX-License-Identifier: Apache-2.0
// GLZ and ZLIB_GLZ from our encoder to our decoder, as sequences of images: a window that images
// leave, images in flight on several channels, threads.

#include "render/codec/glz_encode.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <set>
#include <thread>

#include "render/codec/codecs.h"
#include "render/codec/decode.h"
#include "tests/unit/codec/pictures.h"

namespace cassia::codec {
namespace {

using raster::Bitmap;
using raster::EncodedImage;
using raster::ImageCodec;
using raster::PixelFormat;
using raster::Size;
using test::Scene;

constexpr Size sizes[] = {{1, 1},   {2, 1},    {3, 5},    {4, 4},    {7, 1},    {1, 33},
                          {64, 64}, {127, 63}, {2048, 5}, {2047, 3}, {300, 40}, {4100, 2}};
constexpr PixelFormat formats[] = {PixelFormat::xrgb32, PixelFormat::argb32, PixelFormat::rgb555,
                                   PixelFormat::rgb565};

std::shared_ptr<GlzDictionary> dictionary(std::uint32_t pixels) {
  return GlzDictionary::create(pixels).value();
}

/// What decoding has to give for 16-bit sources.
Bitmap expected_of(const Bitmap& source) {
  const bool six = source.format() == PixelFormat::rgb565;
  if (!six && source.format() != PixelFormat::rgb555) return source;
  Bitmap wide = Bitmap::create(source.size(), PixelFormat::xrgb32).value();
  for (int y = 0; y < source.height(); ++y) {
    const auto* from = reinterpret_cast<const std::uint16_t*>(source.row(y));
    for (int x = 0; x < source.width(); ++x) {
      const unsigned r = (six ? from[x] >> 11 : from[x] >> 10) & 31, b = from[x] & 31;
      const unsigned g = six ? from[x] >> 5 & 63 : from[x] >> 5 & 31;
      const unsigned g8 = six ? g << 2 | g >> 4 : g << 3 | g >> 2;
      wide.row32(y)[x] = 0xff000000u | (r << 3 | r >> 2) << 16 | g8 << 8 | (b << 3 | b >> 2);
    }
  }
  return wide;
}

std::uint64_t id_of(const EncodedImage& image) {
  std::uint64_t id = 0;
  for (std::size_t i = 0; i < 8; ++i) id = id << 8 | image.data.data()[21 + i];
  return id;
}
std::uint32_t reach_of(const EncodedImage& image) {
  std::uint32_t reach = 0;
  for (std::size_t i = 0; i < 4; ++i) reach = reach << 8 | image.data.data()[29 + i];
  return reach;
}

void expect_decodes(const EncodedImage& image, const Bitmap& source, GlzWindow& window,
                    const std::string& what) {
  DecodeContext context{.glz_window = &window};
  const auto decoded = decode(image, context);
  ASSERT_TRUE(decoded) << what << ": " << decoded.error().message();
  EXPECT_TRUE(same_pixels(*decoded, expected_of(source))) << what;
}

TEST(GlzEncode, KeepsEveryPixelOfASequence) {
  for (const GlzDeflate deflate : {GlzDeflate::never, GlzDeflate::when_smaller}) {
    GlzEncoder encoder(dictionary(1 << 20));
    GlzWindow window(1 << 20);
    std::uint64_t id = 0;
    for (int round = 0; round < 2; ++round) {
      for (const PixelFormat format : formats) {
        for (const Scene scene : test::all_scenes) {
          for (const Size size : sizes) {
            const Bitmap source = test::draw(scene, size, format);
            const auto image = encoder.encode(source, deflate);
            ASSERT_TRUE(image) << image.error().message();
            EXPECT_FALSE(image->stands_alone());
            if (image->codec == ImageCodec::glz_rgb) {
              EXPECT_EQ(id_of(*image), id);
            }
            ++id;
            expect_decodes(*image, source, window,
                           fmt::format("image {}: {} {}x{} format {}", id, name_of(scene),
                                       size.width, size.height, static_cast<int>(format)));
          }
        }
      }
    }
  }
}

TEST(GlzEncode, EverySimdLevelDecodesTheSame) {
  for (const SimdLevel level : usable_simd()) {
    GlzEncoder encoder(dictionary(1 << 16));
    GlzWindow window(1 << 16);
    for (int round = 0; round < 2; ++round) {
      for (const PixelFormat format : formats) {
        for (const Scene scene : test::all_scenes) {
          const Bitmap source = test::draw(scene, {127, 63}, format);
          const auto image = encoder.encode(source);
          ASSERT_TRUE(image);
          DecodeContext context{.glz_window = &window};
          const auto decoded = decode_glz(image->data.view(), image->size, context, level);
          ASSERT_TRUE(decoded) << name_of(level) << ": " << decoded.error().message();
          EXPECT_TRUE(same_pixels(*decoded, expected_of(source))) << name_of(level);
        }
      }
    }
  }
}

TEST(GlzEncode, EverySimdLevelGivesTheSameBytes) {
  std::vector<Bytes> expected;
  for (const SimdLevel level : usable_simd()) {
    GlzEncoder encoder(dictionary(1 << 16), level);
    std::size_t n = 0;
    for (int round = 0; round < 2; ++round) {
      for (const PixelFormat format : formats) {
        for (const Scene scene : test::all_scenes) {
          for (const Size size : {Size{127, 63}, Size{5, 3}, Size{17, 1}, Size{300, 40}}) {
            const auto image = encoder.encode(test::draw(scene, size, format));
            ASSERT_TRUE(image);
            const ByteView bytes = image->data.view();
            if (level == SimdLevel::portable) expected.emplace_back(bytes.begin(), bytes.end());
            ASSERT_TRUE(std::ranges::equal(bytes, expected[n++]))
                << name_of(level) << ", " << name_of(scene) << " " << size.width << "x"
                << size.height << ", format " << static_cast<int>(format);
          }
        }
      }
    }
  }
}

TEST(GlzEncode, MemoryOfImagesThatLeftIsUsedAgain) {
  GlzEncoder encoder(dictionary(300 * 200));
  GlzWindow window(300 * 200);
  std::set<const void*> memory;
  for (int i = 0; i < 20; ++i) {
    const auto image = encoder.encode(test::draw(Scene::photo, {300, 200}));
    DecodeContext context{.glz_window = &window};
    memory.insert(decode(*image, context)->row(0));
  }
  // The pool keeps one released picture; where the heap puts the others is its own affair.
  EXPECT_LE(memory.size(), 10u);
  EXPECT_LE(window.buffers().kept_bytes(), 300u * 200u * 4u + 64u);
}

TEST(GlzEncode, RepeatedImagesBecomeReferences) {
  GlzEncoder encoder(dictionary(1 << 16));
  for (const PixelFormat format : formats) {
    const Bitmap photo = test::draw(Scene::photo, {96, 64}, format);
    const std::size_t first = encoder.encode(photo)->data.size();
    const std::size_t second = encoder.encode(photo)->data.size();
    EXPECT_GT(first, 96u * 64u);
    EXPECT_LT(second, 2000u);
    encoder.encode(test::draw(Scene::flat, {16, 16}, format)).value();
  }
}

TEST(GlzEncode, ImagesLeaveASmallWindow) {
  constexpr std::uint32_t pixels = 96 * 64 * 3;
  const auto shared = dictionary(pixels);
  GlzEncoder encoder(shared);
  GlzWindow window(pixels);
  std::mt19937 random(1);
  for (int i = 0; i < 300; ++i) {
    const Scene scene = test::all_scenes[random() % std::size(test::all_scenes)];
    const Size size{static_cast<std::int32_t>(1 + random() % 96),
                    static_cast<std::int32_t>(1 + random() % 64)};
    const Bitmap source = test::draw(scene, size);
    const auto image = encoder.encode(source);
    ASSERT_TRUE(image) << image.error().message();
    expect_decodes(*image, source, window, fmt::format("image {}", i));
    EXPECT_EQ(id_of(*image) - reach_of(*image) + window.image_count(), id_of(*image) + 1);
    EXPECT_EQ(window.image_count(), shared->image_count());
    EXPECT_LE(shared->pixel_count(), pixels);
  }
}

TEST(GlzEncode, ManyTinyImagesStayBounded) {
  const auto shared = dictionary(GlzDictionary::max_window_pixels);
  GlzEncoder encoder(shared);
  GlzWindow window(GlzDictionary::max_window_pixels);
  for (std::uint32_t i = 0; i < GlzDictionary::max_images + 500; ++i) {
    const Bitmap source = test::draw(i % 7 == 0 ? Scene::photo : Scene::text, {8, 3});
    const auto image = encoder.encode(source);
    ASSERT_TRUE(image);
    if (i % 97 == 0 || i > GlzDictionary::max_images) {
      ASSERT_LT(reach_of(*image), GlzDictionary::max_images);
    }
    expect_decodes(*image, source, window, fmt::format("image {}", i));
  }
  EXPECT_EQ(shared->image_count(), GlzDictionary::max_images);
}

TEST(GlzEncode, WindowsOnLargerBitmapsAndPixelsWithNoiseInX) {
  GlzEncoder encoder(dictionary(1 << 20));
  GlzWindow window(1 << 20);
  Bitmap large = test::draw(Scene::ui, {400, 300});
  const Bitmap clean = large.copy().value();
  std::mt19937 random(5);
  for (int y = 0; y < large.height(); ++y) {
    for (int x = 0; x < large.width(); ++x) {
      large.row32(y)[x] = (large.row32(y)[x] & 0xffffffu) | static_cast<std::uint32_t>(random())
                                                                << 24;
    }
  }
  const raster::Rect part{17, 33, 217, 153};
  const auto of_part = encoder.encode(large.view(part));
  ASSERT_TRUE(of_part);
  expect_decodes(*of_part, clean.view(part), window, "a part");
  const auto whole = encoder.encode(large);
  ASSERT_TRUE(whole);
  expect_decodes(*whole, clean, window, "the whole");
  EXPECT_LT(whole->data.size(), 400u * 300u);
}

TEST(GlzEncode, Rgb24) {
  GlzEncoder encoder(dictionary(1 << 20));
  GlzWindow window(1 << 20);
  const Bitmap source = test::draw(Scene::ui, {100, 50});
  for (int i = 0; i < 2; ++i) {
    const auto image = encoder.encode24(source);
    ASSERT_TRUE(image);
    EXPECT_EQ(image->data.data()[8] & 15, 7);
    EXPECT_EQ(image->data.data()[20], 300 & 255);
    expect_decodes(*image, source, window, "rgb24");
  }
  EXPECT_FALSE(encoder.encode24(test::draw(Scene::ui, {10, 10}, PixelFormat::argb32)));
}

TEST(GlzEncode, WhatItDoesNotTakeLeavesTheWindowAlone) {
  const auto shared = dictionary(1000);
  GlzEncoder encoder(shared);
  const auto kind = [&](const Bitmap& bitmap) { return encoder.encode(bitmap).error().kind(); };
  EXPECT_EQ(kind(test::draw(Scene::ui, {40, 26})), ErrorKind::unsupported);
  EXPECT_EQ(kind(test::draw(Scene::ui, {8, 8}, PixelFormat::a8)), ErrorKind::unsupported);
  EXPECT_EQ(kind(Bitmap()), ErrorKind::malformed);
  EXPECT_EQ(shared->next_id(), 0u);
  EXPECT_TRUE(encoder.takes(test::draw(Scene::ui, {40, 25})));
  EXPECT_TRUE(encoder.encode(test::draw(Scene::ui, {40, 25})));
}

TEST(GlzEncode, DeflatingIsWorthItOrNotDone) {
  GlzEncoder encoder(dictionary(1 << 20));
  const auto text = encoder.encode(test::draw(Scene::text, {300, 200}), GlzDeflate::when_smaller);
  ASSERT_TRUE(text);
  EXPECT_EQ(text->codec, ImageCodec::zlib_glz);
  EXPECT_LT(text->data.size(), text->inflated_size * 7 / 8);
  const auto noise = encoder.encode(test::draw(Scene::noise, {300, 200}), GlzDeflate::when_smaller);
  EXPECT_EQ(noise->codec, ImageCodec::glz_rgb);
}

/// Channels that take turns at random: what each sends arrives in order, what different ones send
/// does not.
TEST(GlzEncode, SeveralChannelsInFlightOutOfOrder) {
  constexpr std::uint32_t pixels = 64 * 48 * 12;
  constexpr std::size_t channels = 3;
  const auto shared = dictionary(pixels);
  std::vector<GlzEncoder> encoders;
  for (std::size_t i = 0; i < channels; ++i) encoders.emplace_back(shared);
  GlzWindow window(pixels);
  struct Sent {
    EncodedImage image;
    Bitmap source;
  };
  std::vector<std::deque<Sent>> wires(channels);
  std::mt19937 random(11);
  std::size_t decoded = 0;
  std::size_t waited = 0;
  const auto receive = [&](std::size_t channel) {
    if (wires[channel].empty()) return;
    DecodeContext context{.glz_window = &window};
    const auto result = decode(wires[channel].front().image, context);
    if (!result) {
      ASSERT_EQ(result.error().kind(), ErrorKind::busy) << result.error().message();
      ++waited;
      return;  // until another channel has brought what it refers to
    }
    ASSERT_TRUE(same_pixels(*result, wires[channel].front().source));
    wires[channel].pop_front();
    ++decoded;
  };
  for (int step = 0; step < 2000; ++step) {
    const std::size_t channel = random() % channels;
    if (random() % 2 == 0 && wires[channel].size() < 3) {
      const Bitmap source = test::draw(test::all_scenes[random() % 6], {64, 48});
      auto image = encoders[channel].encode(
          source, random() % 2 == 0 ? GlzDeflate::never : GlzDeflate::when_smaller);
      ASSERT_TRUE(image) << image.error().message();
      wires[channel].push_back({std::move(*image), source});
    } else {
      receive(random() % channels);
    }
  }
  for (int step = 0; step < 100; ++step) receive(static_cast<std::size_t>(step) % channels);
  for (const auto& wire : wires) EXPECT_TRUE(wire.empty());
  EXPECT_GT(decoded, 500u);
  EXPECT_GT(waited, 10u);
}

TEST(GlzEncode, SeveralThreadsOnOneDictionary) {
  constexpr std::uint32_t pixels = 128 * 96 * 6;
  const auto shared = dictionary(pixels);
  GlzWindow window(pixels);
  const auto channel = [&](unsigned seed) {
    GlzEncoder encoder(shared);
    std::mt19937 random(seed);
    for (int i = 0; i < 60; ++i) {
      const Bitmap source =
          test::draw(test::all_scenes[random() % 6], {128, 96}, formats[random() % 2]);
      const auto image = encoder.encode(source);
      ASSERT_TRUE(image) << image.error().message();
      DecodeContext context{.glz_window = &window, .wait_for_glz = true};
      const auto decoded = decode(*image, context);
      ASSERT_TRUE(decoded) << decoded.error().message();
      ASSERT_TRUE(same_pixels(*decoded, source));
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 3; ++i) threads.emplace_back(channel, i);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(shared->next_id(), 180u);
}

TEST(GlzDictionary, WindowsThatCannotBeAreRefused) {
  EXPECT_EQ(GlzDictionary::create(0).error().kind(), ErrorKind::invalid_argument);
  EXPECT_EQ(GlzDictionary::create(GlzDictionary::max_window_pixels + 1).error().kind(),
            ErrorKind::invalid_argument);
  EXPECT_FALSE(GlzDictionary::create(1u << 30));  // 4 GiB of pixels
  EXPECT_TRUE(GlzDictionary::create(GlzDictionary::max_window_pixels));
}

}  // namespace
}  // namespace cassia::codec
