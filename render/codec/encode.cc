// SPDX-License-Identifier: Apache-2.0
#include "render/codec/encode.h"

#include <algorithm>
#include <cstdlib>

#include "render/codec/pixels.h"

namespace cassia::codec {

using raster::Bitmap;
using raster::EncodedImage;
using raster::ImageCodec;
using raster::PixelFormat;
using raster::WireBitmapFormat;

namespace {

/// Headers outweigh what compression saves on fewer pixels.
constexpr std::int64_t tiny_pixels = 32;

Result<WireBitmapFormat> wire_format(PixelFormat format) {
  switch (format) {
    case PixelFormat::a1:
      return WireBitmapFormat::bit1_le;
    case PixelFormat::a8:
      return WireBitmapFormat::a8;
    case PixelFormat::rgb555:
      return WireBitmapFormat::rgb16;
    case PixelFormat::xrgb32:
      return WireBitmapFormat::rgb32;
    case PixelFormat::argb32:
      return WireBitmapFormat::rgba;
    case PixelFormat::rgb565:
      break;
  }
  return fail(ErrorKind::unsupported, "no bitmap format of the wire holds 5-6-5 pixels");
}

int difference(std::uint32_t a, std::uint32_t b) {
  int sum = 0;
  for (int shift = 0; shift < 24; shift += 8) {
    sum += std::abs(static_cast<int>(a >> shift & 255) - static_cast<int>(b >> shift & 255));
  }
  return sum;
}

}  // namespace

Result<EncodedImage> encode_raw(const Bitmap& bitmap) {
  CASSIA_TRY(check_size(bitmap.size(), 1));
  EncodedImage image;
  image.codec = ImageCodec::bitmap;
  image.size = bitmap.size();
  image.bitmap_format = CASSIA_TRY(wire_format(bitmap.format()));
  const std::size_t row = (row_bytes(image.bitmap_format, bitmap.width()) + 3) / 4 * 4;
  image.stride = static_cast<std::int32_t>(row);
  Bytes data(row * static_cast<std::size_t>(bitmap.height()));
  const std::size_t used = row_bytes(image.bitmap_format, bitmap.width());
  for (std::int32_t y = 0; y < bitmap.height(); ++y) {
    std::memcpy(data.data() + static_cast<std::size_t>(y) * row, bitmap.row(y), used);
  }
  image.data = SharedBytes(std::move(data));
  return image;
}

bool looks_photographic(const Bitmap& bitmap) {
  if (bitmap.format() != PixelFormat::xrgb32 && bitmap.format() != PixelFormat::argb32)
    return false;
  const std::int32_t step = std::max(1, bitmap.height() / 32);
  std::int64_t gradual = 0;
  std::int64_t total = 0;
  for (std::int32_t y = 0; y < bitmap.height(); y += step) {
    const std::uint32_t* row = bitmap.row32(y);
    for (std::int32_t x = 1; x < bitmap.width(); ++x) {
      const int change = difference(row[x - 1], row[x]);
      gradual += change > 0 && change < 96;
      ++total;
    }
  }
  return total >= 64 && gradual * 2 > total;
}

Result<EncodedImage> encode(const Bitmap& bitmap, const EncodeChoice& choice) {
  if (bitmap.format() == PixelFormat::a1) return encode_raw(bitmap);
  const std::int64_t pixels = std::int64_t{bitmap.width()} * bitmap.height();
  if (pixels <= tiny_pixels && bitmap.format() != PixelFormat::rgb565) return encode_raw(bitmap);
  if (looks_photographic(bitmap)) {
    if (choice.jpeg) return encode_jpeg(bitmap, choice.jpeg_quality);
    if (choice.quic) return encode_quic(bitmap);
  }
  if (bitmap.format() != PixelFormat::a8) {
    if (choice.lz4 && (choice.prefer_lz4 || !choice.lz)) return encode_lz4(bitmap);
    if (!choice.lz && choice.quic) return encode_quic(bitmap);
  }
  if (!choice.lz) return encode_raw(bitmap);
  EncodedImage image = CASSIA_TRY(encode_lz(bitmap));
  const std::size_t raw =
      static_cast<std::size_t>(pixels * raster::bits_per_pixel(bitmap.format()) / 8);
  if (image.data.size() < raw) return image;
  if (choice.quic && bitmap.format() != PixelFormat::a8) return encode_quic(bitmap);
  return image;
}

}  // namespace cassia::codec
