// SPDX-License-Identifier: Apache-2.0
#pragma once

// How the encoding fuzzers turn bytes into a picture. Three bytes come first: width - 1, height -
// 1, and a number (bits 0-1: format, bits 2-3: how many rows repeat the one above, bits 4-7: how
// many times each pixel of the input is repeated, less one); the rest, over and over, is the
// pixels.

#include <algorithm>
#include <cstdint>

#include "base/bytes.h"
#include "render/raster/bitmap.h"

namespace cassia::codec::fuzz {

using raster::Bitmap;
using raster::PixelFormat;

inline Bitmap picture(ByteView input) {
  constexpr PixelFormat formats[] = {PixelFormat::xrgb32, PixelFormat::argb32, PixelFormat::rgb555,
                                     PixelFormat::a8};
  const PixelFormat format = formats[input[2] & 3];
  const std::int32_t same_rows = (input[2] >> 2 & 3) + 1;
  const std::size_t repeat = (input[2] >> 4) + 1;
  const std::size_t bytes = static_cast<std::size_t>(bits_per_pixel(format)) / 8;
  Bitmap bitmap = Bitmap::create({input[0] + 1, input[1] + 1}, format).value();
  const ByteView pixels = input.subspan(3);
  std::size_t at = 0;
  for (std::int32_t y = 0; y < bitmap.height(); ++y) {
    std::uint8_t* row = bitmap.row(y);
    if (y % same_rows != 0) {
      std::copy_n(bitmap.row(y - 1), bitmap.stride(), row);
      continue;
    }
    for (std::size_t x = 0; x < static_cast<std::size_t>(bitmap.width()); ++x, ++at) {
      for (std::size_t i = 0; i < bytes; ++i) {
        row[x * bytes + i] = pixels[(at / repeat * bytes + i) % pixels.size()];
      }
    }
  }
  return bitmap;
}

/// 5-bit components come back as (c << 3) | (c >> 2).
inline bool holds(const Bitmap& decoded, const Bitmap& source) {
  if (source.format() != PixelFormat::rgb555) return same_pixels(decoded, source);
  for (std::int32_t y = 0; y < source.height(); ++y) {
    const auto* row = reinterpret_cast<const std::uint16_t*>(source.row(y));
    for (std::int32_t x = 0; x < source.width(); ++x) {
      const std::uint32_t c = decoded.row32(y)[x];
      const std::uint32_t back = (c >> 9 & 0x7c00) | (c >> 6 & 0x03e0) | (c >> 3 & 0x001f);
      if (back != (row[x] & 0x7fffu)) return false;
    }
  }
  return true;
}

}  // namespace cassia::codec::fuzz
