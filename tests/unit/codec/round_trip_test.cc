// SPDX-License-Identifier: Apache-2.0
// What our encoders make, our decoders turn back into the same pixels, for every codec, format and
// kind of picture, at sizes around the limits of runs, blocks and model levels. (That the stock
// decoders agree is shown by wire_sample_test.cc in one direction and by the interop tests in the
// other.)

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "render/codec/decode.h"
#include "render/codec/encode.h"
#include "tests/unit/codec/pictures.h"

namespace cassia::codec {
namespace {

using raster::Bitmap;
using raster::EncodedImage;
using raster::PixelFormat;
using raster::Size;
using test::Scene;

constexpr Size sizes[] = {{1, 1},   {2, 1},    {3, 5},    {4, 4},    {7, 1},    {1, 33},
                          {64, 64}, {127, 63}, {2048, 5}, {2047, 3}, {300, 40}, {4100, 2}};

/// What decoding `source` has to give: the format that decode() promises.
Bitmap expected_of(const Bitmap& source) {
  if (source.format() != PixelFormat::rgb555 && source.format() != PixelFormat::rgb565)
    return source;
  const bool six = source.format() == PixelFormat::rgb565;
  Bitmap wide = Bitmap::create(source.size(), PixelFormat::xrgb32).value();
  for (int y = 0; y < source.height(); ++y) {
    const auto* from = reinterpret_cast<const std::uint16_t*>(source.row(y));
    for (int x = 0; x < source.width(); ++x) {
      const unsigned r = six ? from[x] >> 11 : from[x] >> 10, b = from[x] & 31;
      const unsigned g = six ? from[x] >> 5 & 63 : from[x] >> 5 & 31;
      const unsigned g8 = six ? g << 2 | g >> 4 : g << 3 | g >> 2;
      wide.row32(y)[x] = (r << 3 | r >> 2) << 16 | g8 << 8 | (b << 3 | b >> 2);
    }
  }
  return wide;
}

void expect_round_trip(const Bitmap& source, Result<EncodedImage> encoded,
                       const std::string& what) {
  ASSERT_TRUE(encoded) << what << ": " << encoded.error().message();
  EXPECT_TRUE(encoded->stands_alone());
  DecodeContext context;
  const auto decoded = decode(*encoded, context);
  ASSERT_TRUE(decoded) << what << ": " << decoded.error().message();
  const Bitmap expected = expected_of(source);
  EXPECT_EQ(decoded->format(), expected.format()) << what;
  EXPECT_TRUE(same_pixels(*decoded, expected)) << what;
  // x is 0 unless the image says otherwise; bitmaps and LZ4 carry it.
  const bool carried =
      encoded->codec == raster::ImageCodec::bitmap || encoded->codec == raster::ImageCodec::lz4;
  if (decoded->format() == PixelFormat::xrgb32 && !carried) {
    EXPECT_EQ(decoded->row32(0)[0] >> 24, 0u) << what;
    EXPECT_FALSE(encoded->high_bits);
    encoded->high_bits = true;
    EXPECT_EQ(decode(*encoded, context)->row32(0)[0] >> 24, 0xffu) << what;
  }
}

struct Case {
  const char* name;
  Result<EncodedImage> (*encode)(const Bitmap&);
  std::vector<PixelFormat> formats;
};

class RoundTrip : public testing::TestWithParam<Case> {};

TEST_P(RoundTrip, KeepsEveryPixel) {
  for (PixelFormat format : GetParam().formats) {
    for (Scene scene : test::all_scenes) {
      for (Size size : sizes) {
        const Bitmap source = test::draw(scene, size, format);
        expect_round_trip(source, GetParam().encode(source),
                          fmt::format("{} {} {}x{} format {}", GetParam().name, name_of(scene),
                                      size.width, size.height, static_cast<int>(format)));
      }
    }
  }
}

TEST_P(RoundTrip, ReadsWindowsOnLargerBitmaps) {
  const Bitmap whole = test::draw(Scene::ui, {200, 100});
  const Bitmap part = whole.view({33, 7, 181, 90});
  expect_round_trip(part, GetParam().encode(part), GetParam().name);
}

constexpr auto x32 = PixelFormat::xrgb32;
constexpr auto a32 = PixelFormat::argb32;
constexpr auto r15 = PixelFormat::rgb555;
constexpr auto r16 = PixelFormat::rgb565;
INSTANTIATE_TEST_SUITE_P(
    Codecs, RoundTrip,
    testing::Values(Case{"raw", encode_raw, {x32, a32, r15, PixelFormat::a8}},
                    Case{"lz", encode_lz, {x32, a32, r15, r16, PixelFormat::a8}},
                    Case{"lz4", encode_lz4, {x32, a32, r15, r16}},
                    Case{"quic", encode_quic, {x32, a32, r15, r16, PixelFormat::a8}}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Encode, RefusesWhatHasNoForm) {
  const Bitmap mask = Bitmap::create_cleared({8, 8}, PixelFormat::a1).value();
  EXPECT_EQ(encode_lz(mask).error().kind(), ErrorKind::unsupported);
  EXPECT_EQ(encode_lz4(mask).error().kind(), ErrorKind::unsupported);
  EXPECT_EQ(encode_quic(mask).error().kind(), ErrorKind::unsupported);
  EXPECT_EQ(encode_jpeg(mask, 80).error().kind(), ErrorKind::unsupported);
  EXPECT_FALSE(encode_raw(Bitmap::wrap({0, 0}, x32, 0, nullptr, nullptr)));
}

TEST(Encode, CompressesDrawings) {
  const Bitmap text = test::draw(Scene::text, {640, 480});
  const std::size_t raw = text.byte_size();
  EXPECT_LT(encode_lz(text)->data.size(), raw / 10);
  EXPECT_LT(encode_lz4(text)->data.size(), raw / 5);
  EXPECT_LT(encode_quic(text)->data.size(), raw / 4);
  const Bitmap photo = test::draw(Scene::photo, {640, 480});
  EXPECT_LT(encode_quic(photo)->data.size(), raw / 2);
  EXPECT_LT(encode_jpeg(photo, 85)->data.size(), raw / 5);
}

TEST(Encode, ChoosesByPictureAndByWhatTheViewerKnows) {
  const Bitmap text = test::draw(Scene::text, {320, 200});
  const Bitmap photo = test::draw(Scene::photo, {320, 200});
  const auto codec = [](const Bitmap& bitmap, const EncodeChoice& choice) {
    return encode(bitmap, choice)->codec;
  };
  using raster::ImageCodec;
  EXPECT_EQ(codec(text, {}), ImageCodec::lz_rgb);
  EXPECT_EQ(codec(photo, {}), ImageCodec::quic);
  EXPECT_EQ(codec(photo, {.jpeg = true}), ImageCodec::jpeg);
  EXPECT_EQ(codec(text, {.lz4 = true, .prefer_lz4 = true}), ImageCodec::lz4);
  EXPECT_EQ(codec(text, {.lz = false}), ImageCodec::quic);
  EXPECT_EQ(codec(text, {.quic = false, .lz = false}), ImageCodec::bitmap);
  EXPECT_EQ(codec(test::draw(Scene::text, {4, 4}), {}), ImageCodec::bitmap);
}

TEST(Encode, JpegIsCloseAndKeepsAlphaExactly) {
  const auto encoded = encode_jpeg(test::draw(Scene::photo, {160, 90}, a32), 95);
  ASSERT_TRUE(encoded);
  EXPECT_EQ(encoded->codec, raster::ImageCodec::jpeg_alpha);
  DecodeContext context;
  const auto decoded = decode(*encoded, context);
  ASSERT_TRUE(decoded) << decoded.error().message();
  EXPECT_EQ(decoded->format(), a32);
  const Bitmap source = test::draw(Scene::photo, {160, 90}, a32);
  std::int64_t error = 0;
  for (int y = 0; y < 90; ++y) {
    for (int x = 0; x < 160; ++x) {
      const std::uint32_t a = decoded->row32(y)[x], b = source.row32(y)[x];
      ASSERT_EQ(a >> 24, b >> 24);
      error += std::abs(static_cast<int>(a >> 8 & 255) - static_cast<int>(b >> 8 & 255));
    }
  }
  EXPECT_LT(error / (160 * 90), 4);
}

}  // namespace
}  // namespace cassia::codec
