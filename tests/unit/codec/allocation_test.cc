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
