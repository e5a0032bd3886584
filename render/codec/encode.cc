// SPDX-License-Identifier: Apache-2.0
#include "render/codec/encode.h"

#include <algorithm>
#include <cstdlib>

#include "render/codec/encoders.h"
#include "render/codec/pixels.h"

namespace cassia::codec {

using raster::Bitmap;
using raster::EncodedImage;
using raster::ImageCodec;
using raster::PixelFormat;

namespace {

/// Headers outweigh what compression saves on fewer pixels.
constexpr std::int64_t tiny_pixels = 32;
/// With more pixels than this and so few colours a palette always pays, as half a byte a pixel is
/// all that is coded; else both forms are made and compared.
constexpr std::int64_t many_pixels = 16384;
constexpr std::size_t few_colors = 16;

int difference(std::uint32_t a, std::uint32_t b) {
  int sum = 0;
  for (int shift = 0; shift < 24; shift += 8) {
    sum += std::abs(static_cast<int>(a >> shift & 255) - static_cast<int>(b >> shift & 255));
  }
  return sum;
}

/// Bytes of an image on the wire, its palette included.
std::size_t wire_bytes(const EncodedImage& image) {
  return image.data.size() + (image.palette ? 12 + 4 * image.palette->colors.size() : 0);
}

/// LZ with or without a palette, whichever is smaller.
Result<EncodedImage> encode_drawing(const Bitmap& bitmap, const EncodeChoice& choice) {
  if (!choice.lz_palette || bitmap.format() != PixelFormat::xrgb32) return encode_lz(bitmap);
  CASSIA_TRY(check_size(bitmap.size()));
  const auto picture = index_colors(bitmap, 256);
  if (!picture) return encode_lz(bitmap);
  const std::size_t colors = picture->colors.size();
  EncodedImage indexed = encode_lz_palette_as(*picture, format_for(colors), {});
  if (std::int64_t{bitmap.width()} * bitmap.height() > many_pixels && colors <= few_colors) {
    return indexed;
  }
  EncodedImage direct = CASSIA_TRY(encode_lz(bitmap));
  return wire_bytes(indexed) < wire_bytes(direct) ? indexed : direct;
}

}  // namespace

bool looks_photographic(const Bitmap& bitmap) {
  if (bitmap.format() != PixelFormat::xrgb32 && bitmap.format() != PixelFormat::argb32)
    return false;
  constexpr std::int32_t rows = 32, runs = 8, run = 32;  // enough to tell, whatever the size
  const std::int32_t row_step = std::max(1, bitmap.height() / rows);
  const std::int32_t run_step = std::max(run, bitmap.width() / runs);
  std::int64_t gradual = 0;
  std::int64_t total = 0;
  for (std::int32_t y = 0; y < bitmap.height(); y += row_step) {
    const std::uint32_t* row = bitmap.row32(y);
    for (std::int32_t start = 1; start < bitmap.width(); start += run_step) {
      const std::int32_t end = std::min(start + run, bitmap.width());
      for (std::int32_t x = start; x < end; ++x) {
        const int change = difference(row[x - 1], row[x]);
        gradual += change > 0 && change < 96;
      }
      total += end - start;
    }
  }
  return total >= 64 && gradual * 2 > total;
}

bool has_high_bits(const Bitmap& bitmap) {
  if (bitmap.format() != PixelFormat::xrgb32) return false;
  for (std::int32_t y = 0; y < bitmap.height(); ++y) {
    const std::uint32_t* row = bitmap.row32(y);
    for (std::int32_t x = 0; x < bitmap.width(); ++x) {
      if (row[x] >> 24 != 255) return false;
    }
  }
  return true;
}

namespace {

Result<EncodedImage> encode_chosen(const Bitmap& bitmap, const EncodeChoice& choice,
                                   std::optional<bool> photographic) {
  if (bitmap.format() == PixelFormat::a1) return encode_raw(bitmap);
  const std::int64_t pixels = std::int64_t{bitmap.width()} * bitmap.height();
  if (pixels <= tiny_pixels && bitmap.format() != PixelFormat::rgb565) return encode_raw(bitmap);
  if (photographic ? *photographic : looks_photographic(bitmap)) {
    if (choice.jpeg) return encode_jpeg(bitmap, choice.jpeg_quality);
    if (choice.quic) return encode_quic(bitmap);
  }
  if (bitmap.format() != PixelFormat::a8) {
    if (choice.lz4 && (choice.prefer_lz4 || !choice.lz)) return encode_lz4(bitmap);
    if (!choice.lz && choice.quic) return encode_quic(bitmap);
  }
  if (!choice.lz) return encode_raw(bitmap);
  EncodedImage image = CASSIA_TRY(encode_drawing(bitmap, choice));
  const std::size_t raw =
      static_cast<std::size_t>(pixels * raster::bits_per_pixel(bitmap.format()) / 8);
  if (wire_bytes(image) < raw) return image;
  if (choice.quic && bitmap.format() != PixelFormat::a8) return encode_quic(bitmap);
  return image;
}

}  // namespace

Result<EncodedImage> encode(const Bitmap& bitmap, const EncodeChoice& choice,
                            std::optional<bool> photographic) {
  EncodedImage image = CASSIA_TRY(encode_chosen(bitmap, choice, photographic));
  image.high_bits = has_high_bits(bitmap);
  return image;
}

}  // namespace cassia::codec
