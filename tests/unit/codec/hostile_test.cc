// SPDX-License-Identifier: Apache-2.0
// Images that lie: an error comes back, nothing is allocated for the lie, nothing is read out of
// bounds (the sanitizer presets and the fuzzers watch that).

#include <gtest/gtest.h>

#include "render/codec/decode.h"
#include "render/codec/encode.h"
#include "tests/unit/codec/pictures.h"
#include "tests/unit/codec/samples.h"

namespace cassia::codec {
namespace {

using raster::EncodedImage;
using raster::ImageCodec;
using test::sample;

constexpr ImageCodec all_codecs[] = {
    ImageCodec::bitmap,     ImageCodec::quic,       ImageCodec::lz_rgb,
    ImageCodec::lz_palette, ImageCodec::glz_rgb,    ImageCodec::zlib_glz,
    ImageCodec::jpeg,       ImageCodec::jpeg_alpha, ImageCodec::lz4};

ErrorKind kind_of(const EncodedImage& image) {
  GlzWindow window(1 << 20);
  DecodeContext context{.glz_window = &window};
  const auto result = decode(image, context);
  EXPECT_FALSE(result) << name_of(image.codec);
  return result ? ErrorKind::internal : result.error().kind();
}

TEST(Hostile, ImpossibleSizesAreRefused) {
  for (ImageCodec codec : all_codecs) {
    for (raster::Size size :
         {raster::Size{65535, 65535}, raster::Size{16385, 1}, raster::Size{0, 5},
          raster::Size{5, -1}, raster::Size{INT32_MAX, INT32_MAX}}) {
      EncodedImage image;
      image.codec = codec;
      image.size = size;
      image.data = SharedBytes(Bytes(100, 0xff));
      EXPECT_EQ(kind_of(image), ErrorKind::malformed) << name_of(codec);
    }
    EncodedImage large;
    large.codec = codec;
    large.size = {16384, 16384};
    EXPECT_EQ(kind_of(large), ErrorKind::no_space) << name_of(codec);
  }
}

TEST(Hostile, EmptyAndRandomDataAreRefused) {
  for (ImageCodec codec : all_codecs) {
    for (std::size_t length : {0, 1, 5, 27, 28, 33, 200}) {
      EncodedImage image;
      image.codec = codec;
      image.size = {64, 64};
      image.bitmap_format = raster::WireBitmapFormat::rgb32;
      image.stride = 256;
      image.inflated_size = 5000;
      image.jpeg_size = 10;
      Bytes bytes(length);
      for (std::size_t i = 0; i < length; ++i)
        bytes[i] = static_cast<std::uint8_t>(i * 37 + length);
      image.data = SharedBytes(std::move(bytes));
      kind_of(image);
    }
  }
}

TEST(Hostile, HeadersMustAgreeWithTheMessage) {
  EXPECT_EQ(kind_of(sample("lz.text", ImageCodec::lz_rgb, {95, 64})), ErrorKind::malformed);
  EXPECT_EQ(kind_of(sample("quic.text", ImageCodec::quic, {96, 65})), ErrorKind::malformed);
  EXPECT_EQ(kind_of(sample("glz.0.text", ImageCodec::glz_rgb, {64, 96})), ErrorKind::malformed);
  EXPECT_EQ(kind_of(sample("lz4.text", ImageCodec::lz4, {96, 65})), ErrorKind::malformed);
  EncodedImage jpeg = sample("jpeg_alpha.photo", ImageCodec::jpeg_alpha, {96, 63});
  jpeg.jpeg_size = 1349;
  EXPECT_EQ(kind_of(jpeg), ErrorKind::malformed);
}

TEST(Hostile, SmallDataDoesNotClaimLargePictures) {
  Bytes header = test::sample_bytes("lz.text");
  header.resize(40);
  header[14] = header[18] = 32;  // 8192x8192
  header[15] = header[19] = 0;
  header[22] = 128;  // of 32768 bytes a row
  header[23] = 0;
  EncodedImage image;
  image.codec = ImageCodec::lz_rgb;
  image.size = {8192, 8192};
  image.data = SharedBytes(header);
  EXPECT_EQ(kind_of(image), ErrorKind::malformed);
}

struct Named {
  const char* name;
  ImageCodec codec;
};
constexpr Named wire_samples[] = {{"lz.text", ImageCodec::lz_rgb},
                                  {"lz.ui", ImageCodec::lz_rgb},
                                  {"quic.text", ImageCodec::quic},
                                  {"quic.ui", ImageCodec::quic},
                                  {"glz.0.text", ImageCodec::glz_rgb},
                                  {"lz4.text", ImageCodec::lz4},
                                  {"jpeg_alpha.photo", ImageCodec::jpeg_alpha}};

TEST(Hostile, EveryCutIsAnError) {
  for (const Named& each : wire_samples) {
    const EncodedImage whole = sample(each.name, each.codec, {96, 64});
    const std::size_t last = whole.data.size() - (each.codec == ImageCodec::quic ? 9 : 1);
    for (std::size_t length = 0; length <= last; length += length < 80 ? 1 : 13) {
      EncodedImage cut = whole;
      cut.jpeg_size = 1349;
      cut.data = whole.data.slice(0, length);
      const ErrorKind kind = kind_of(cut);
      EXPECT_EQ(kind, ErrorKind::malformed) << each.name << " cut to " << length;
    }
  }
}

TEST(Hostile, DamageNeverEscapes) {
  for (const Named& each : wire_samples) {
    const Bytes good = test::sample_bytes(each.name);
    for (std::size_t i = 0; i < 600; ++i) {
      Bytes bad = good;
      const std::size_t at = i < 64 ? i : (i * 7919) % bad.size();
      bad[at % bad.size()] ^= static_cast<std::uint8_t>(1 + i * 31 % 255);
      EncodedImage image;
      image.codec = each.codec;
      image.size = {96, 64};
      image.jpeg_size = 1349;
      image.data = SharedBytes(std::move(bad));
      GlzWindow window(1 << 16);
      DecodeContext context{.glz_window = &window};
      const auto result = decode(image, context);
      if (result) {
        EXPECT_EQ(result->size(), image.size);
      }
    }
  }
}

}  // namespace
}  // namespace cassia::codec
