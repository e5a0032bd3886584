// SPDX-License-Identifier: Apache-2.0
#pragma once

// How the codec fuzzers turn bytes into an image. Six bytes come first: width - 1, height - 1,
// flags (bit 0: top down, bit 1: a palette, bit 2: 15-bit palette, bits 4-7: bitmap format), a
// count (size of the palette), and a 16-bit number (stride, inflated_size or jpeg_size); the rest
// is the codec's data.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "render/codec/decode.h"

namespace cassia::codec::fuzz {

inline constexpr std::size_t prefix_bytes = 6;

inline raster::EncodedImage make_image(ByteView input, raster::ImageCodec codec) {
  raster::EncodedImage image;
  image.codec = codec;
  image.size = {input[0] + 1, input[1] + 1};
  const unsigned flags = input[2];
  const std::uint32_t number = input[4] | static_cast<std::uint32_t>(input[5]) << 8;
  image.top_down = (flags & 1) != 0;
  image.bitmap_format = static_cast<raster::WireBitmapFormat>(flags >> 4);
  image.stride = static_cast<std::int32_t>(number);
  image.inflated_size = number;
  image.jpeg_size = number;
  if ((flags & 2) != 0) {
    auto palette = std::make_shared<raster::Palette>();
    for (std::uint32_t i = 0; i < input[3]; ++i) palette->colors.push_back(i * 0x010203);
    image.palette = std::move(palette);
  }
  image.data = SharedBytes(to_bytes(input.subspan(prefix_bytes)));
  return image;
}

/// Touches every pixel, so that sanitizers see whether all of them are there.
inline void consume(const Result<raster::Bitmap>& result, const raster::EncodedImage& image) {
  if (!result) return;
  if (!(result->size() == image.size)) std::abort();
  unsigned sum = 0;
  for (std::int32_t y = 0; y < result->height(); ++y) {
    for (std::int32_t x = 0; x < result->stride(); ++x) sum += result->row(y)[x];
  }
  volatile unsigned sink = sum;
  (void)sink;
}

inline void decode_one(ByteView input, raster::ImageCodec codec, GlzWindow* window = nullptr) {
  if (input.size() < prefix_bytes) return;
  const raster::EncodedImage image = make_image(input, codec);
  DecodeContext context{.glz_window = window, .rgb555_palettes = (input[2] & 4) != 0};
  consume(decode(image, context), image);
}

/// For GLZ: images one after another, each after its 16-bit length, sharing a window.
inline void decode_sequence(ByteView input, raster::ImageCodec codec) {
  GlzWindow window(std::size_t{1} << 18);
  while (input.size() >= 2) {
    const std::size_t length = input[0] | static_cast<std::size_t>(input[1]) << 8;
    input = input.subspan(2);
    const ByteView one = input.first(std::min(length, input.size()));
    decode_one(one, codec, &window);
    input = input.subspan(one.size());
  }
}

}  // namespace cassia::codec::fuzz
