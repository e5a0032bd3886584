// SPDX-License-Identifier: Apache-2.0
// An image that states an impossible size costs nothing: what is allocated while it is refused is
// counted in the allocator itself (every call of malloc in this program goes through the wrappers
// below, operator new included). The time is only reported.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <new>

#include "render/codec/decode.h"
#include "render/codec/encode.h"

namespace {
// A counter has to outlive every allocation, so it is global, in this program only.
std::size_t allocated = 0;
}  // namespace

extern "C" {
void* __real_malloc(std::size_t size);
void* __real_realloc(void* p, std::size_t size);
void* __real_calloc(std::size_t count, std::size_t size);
void* __wrap_malloc(std::size_t size) {
  allocated += size;
  return __real_malloc(size);
}
void* __wrap_realloc(void* p, std::size_t size) {
  allocated += size;
  return __real_realloc(p, size);
}
void* __wrap_calloc(std::size_t count, std::size_t size) {
  allocated += count * size;
  return __real_calloc(count, size);
}
}

void* operator new(std::size_t size) {
  if (void* p = std::malloc(size == 0 ? 1 : size)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }

namespace cassia::codec {
namespace {

using raster::EncodedImage;
using raster::ImageCodec;

constexpr std::size_t limit = std::size_t{1} << 20;

void put32(Bytes& bytes, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> 8 * i));
}

/// `words` random words after a header.
EncodedImage quic(std::uint32_t type, raster::Size stated, raster::Size message, int words) {
  Bytes bytes;
  put32(bytes, 0x43495551);
  put32(bytes, 0);
  put32(bytes, type);
  put32(bytes, static_cast<std::uint32_t>(stated.width));
  put32(bytes, static_cast<std::uint32_t>(stated.height));
  for (int i = 0; i < words; ++i) put32(bytes, static_cast<std::uint32_t>(i) * 2654435761u);
  EncodedImage image;
  image.codec = ImageCodec::quic;
  image.size = message;
  image.data = SharedBytes(std::move(bytes));
  return image;
}

void expect_cheap_refusal(const EncodedImage& image) {
  const std::size_t before = allocated;
  const auto start = std::chrono::steady_clock::now();
  GlzWindow window(1 << 16);
  DecodeContext context{.glz_window = &window};
  const auto result = decode(image, context);
  const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - start;
  EXPECT_FALSE(result) << name_of(image.codec);
  EXPECT_LT(allocated - before, limit) << name_of(image.codec);
  testing::Test::RecordProperty("microseconds", std::to_string(time.count()));
}

TEST(Allocation, TheCounterCounts) {
  const std::size_t before = allocated;
  const auto bitmap = raster::Bitmap::create({1024, 1024}, raster::PixelFormat::xrgb32);
  ASSERT_TRUE(bitmap);
  EXPECT_GE(allocated - before, std::size_t{4} << 20);
}

TEST(Allocation, ImpossibleSizesCostNothingWithAnyCodec) {
  for (ImageCodec codec : {ImageCodec::bitmap, ImageCodec::quic, ImageCodec::lz_rgb,
                           ImageCodec::lz_palette, ImageCodec::glz_rgb, ImageCodec::zlib_glz,
                           ImageCodec::jpeg, ImageCodec::jpeg_alpha, ImageCodec::lz4}) {
    EncodedImage image;
    image.codec = codec;
    image.size = {65535, 65535};
    image.data = SharedBytes(Bytes(4096, 0x55));
    expect_cheap_refusal(image);
  }
}

/// An LZ stream's header, big-endian, and `rest` bytes.
EncodedImage lz(std::uint32_t type, raster::Size stated, std::uint32_t stride, raster::Size message,
                std::size_t rest) {
  Bytes bytes;
  for (std::uint32_t word :
       {0x20205a4cu, 0x00010001u, type, static_cast<std::uint32_t>(stated.width),
        static_cast<std::uint32_t>(stated.height), stride, 1u}) {
    put32(bytes, __builtin_bswap32(word));
  }
  bytes.resize(bytes.size() + rest, 0xff);
  EncodedImage image;
  image.codec = type <= 5 ? ImageCodec::lz_palette : ImageCodec::lz_rgb;
  image.size = message;
  image.palette = std::make_shared<raster::Palette>();
  image.data = SharedBytes(std::move(bytes));
  return image;
}

TEST(Allocation, LzHeadersThatLieCostNothing) {
  for (std::uint32_t type = 0; type <= 12; ++type) {
    for (std::uint32_t stride : {65535u * 4, 65535u, 64u * 4, 64u, 0u, 0xffffffffu}) {
      expect_cheap_refusal(lz(type, {65535, 65535}, stride, {65535, 65535}, 500));
      expect_cheap_refusal(lz(type, {65535, 65535}, stride, {64, 64}, 500));
      expect_cheap_refusal(lz(type, {-1, -1}, stride, {64, 64}, 500));
    }
    for (std::uint32_t bytes : {4u, 3u, 2u, 1u}) {  // true but for the pixels themselves
      expect_cheap_refusal(lz(type, {16384, 4096}, 16384 * bytes, {16384, 4096}, 500));
    }
    expect_cheap_refusal(lz(type, {16384, 16384}, 16384 / 2, {16384, 16384}, 500));
    expect_cheap_refusal(lz(type, {16384, 16384}, 16384 / 8, {16384, 16384}, 500));
  }
}

TEST(Allocation, Lz4BlocksThatLieCostNothing) {
  for (std::uint8_t format = 0; format < 12; ++format) {
    EncodedImage image;
    image.codec = ImageCodec::lz4;
    image.size = {16384, 4096};
    Bytes bytes{1, format, 0xff, 0xff, 0xff, 0xff};
    bytes.resize(500, 0xff);
    image.data = SharedBytes(std::move(bytes));
    expect_cheap_refusal(image);
  }
}

TEST(Allocation, JpegHeadersThatLieCostNothing) {
  const auto small =
      encode_jpeg(*raster::Bitmap::create_cleared({16, 16}, raster::PixelFormat::xrgb32), 80);
  ASSERT_TRUE(small);
  EncodedImage image = *small;
  image.size = {16384, 4096};  // not what the header says
  expect_cheap_refusal(image);
  Bytes bytes = to_bytes(small->data.view());
  for (std::size_t i = 0; i + 9 < bytes.size(); ++i) {  // the frame header: now it says so too
    if (bytes[i] != 0xff || bytes[i + 1] != 0xc0) continue;
    bytes[i + 5] = 4096 >> 8;
    bytes[i + 7] = 16384 >> 8;
    bytes[i + 6] = bytes[i + 8] = 0;
  }
  image.data = SharedBytes(std::move(bytes));
  expect_cheap_refusal(image);
  image.codec = ImageCodec::jpeg_alpha;
  image.jpeg_size = static_cast<std::uint32_t>(image.data.size());
  expect_cheap_refusal(image);
}

TEST(Allocation, BitmapsThatLieCostNothing) {
  for (int format = 0; format < 12; ++format) {
    EncodedImage image;
    image.codec = ImageCodec::bitmap;
    image.size = {16384, 4096};
    image.bitmap_format = static_cast<raster::WireBitmapFormat>(format);
    image.stride = 65536;
    image.palette = std::make_shared<raster::Palette>();
    image.data = SharedBytes(Bytes(4096));
    expect_cheap_refusal(image);
  }
}

TEST(Allocation, QuicHeadersThatLieCostNothing) {
  for (std::uint32_t type = 0; type <= 6; ++type) {
    expect_cheap_refusal(quic(type, {65535, 65535}, {65535, 65535}, 100));
    expect_cheap_refusal(quic(type, {65535, 65535}, {64, 64}, 100));
    expect_cheap_refusal(quic(type, {-1, -1}, {64, 64}, 100));
  }
}

TEST(Allocation, QuicDataThatCannotHoldThePixelsCostsNothing) {
  for (std::uint32_t type = 1; type <= 5; ++type) {
    expect_cheap_refusal(quic(type, {16384, 4096}, {16384, 4096}, 200));
    expect_cheap_refusal(quic(type, {1, 16384}, {1, 16384}, 1));
  }
}

}  // namespace
}  // namespace cassia::codec
