// SPDX-License-Identifier: Apache-2.0
#include <lz4.h>

#include <optional>

#include "render/codec/encode.h"
#include "render/codec/encoders.h"
#include "render/codec/pixels.h"

namespace cassia::codec {

using raster::Bitmap;
using raster::EncodedImage;
using raster::PixelFormat;
using raster::WireBitmapFormat;

namespace {

/// The rows as the wire wants them, without gaps; the bitmap's own memory where it is so already.
const std::uint8_t* packed_rows(const Bitmap& bitmap, WireBitmapFormat format, bool top_down,
                                std::optional<Scratch>& copy) {
  const std::size_t row = row_bytes(format, bitmap.width());
  const bool same_pixels = format != WireBitmapFormat::rgb24;
  if (same_pixels && top_down && static_cast<std::size_t>(bitmap.stride()) == row) {
    return bitmap.row(0);
  }
  copy.emplace(row * static_cast<std::size_t>(bitmap.height()));
  std::uint8_t* to = copy->data();
  for (std::int32_t y = 0; y < bitmap.height(); ++y, to += row) {
    const std::uint8_t* from = bitmap.row(top_down ? y : bitmap.height() - 1 - y);
    if (same_pixels) {
      std::memcpy(to, from, row);
    } else {
      for (std::int32_t x = 0; x < bitmap.width(); ++x) std::memcpy(to + 3 * x, from + 4 * x, 3);
    }
  }
  return copy->data();
}

/// All rows as one block.
Result<EncodedImage> compress(const Bitmap& bitmap, WireBitmapFormat format, bool top_down) {
  const std::size_t total =
      row_bytes(format, bitmap.width()) * static_cast<std::size_t>(bitmap.height());
  std::optional<Scratch> copy;
  const std::uint8_t* pixels = packed_rows(bitmap, format, top_down, copy);
  const int bound = LZ4_compressBound(static_cast<int>(total));
  Scratch data(6 + static_cast<std::size_t>(bound));
  const int size = LZ4_compress_default(reinterpret_cast<const char*>(pixels),
                                        reinterpret_cast<char*>(data.data() + 6),
                                        static_cast<int>(total), bound);
  if (size <= 0) return fail(ErrorKind::internal, "LZ4 did not compress {} bytes", total);
  data.data()[0] = top_down ? 1 : 0;
  data.data()[1] = static_cast<std::uint8_t>(format);
  const std::uint32_t length = __builtin_bswap32(static_cast<std::uint32_t>(size));
  std::memcpy(data.data() + 2, &length, 4);
  EncodedImage image;
  image.codec = raster::ImageCodec::lz4;
  image.size = bitmap.size();
  image.top_down = top_down;
  image.data = SharedBytes(Bytes(data.data(), data.data() + 6 + size));
  return image;
}

}  // namespace

Result<Bitmap> widen565(const Bitmap& bitmap) {
  Bitmap wide = CASSIA_TRY(new_bitmap(bitmap.size(), PixelFormat::xrgb32));
  for (std::int32_t y = 0; y < bitmap.height(); ++y) {
    const auto* from = reinterpret_cast<const std::uint16_t*>(bitmap.row(y));
    std::uint32_t* to = wide.row32(y);
    for (std::int32_t x = 0; x < bitmap.width(); ++x) {
      const std::uint32_t r = from[x] >> 11, g = (from[x] >> 5) & 63, b = from[x] & 31;
      to[x] = opaque | (r << 3 | r >> 2) << 16 | (g << 2 | g >> 4) << 8 | (b << 3 | b >> 2);
    }
  }
  return wide;
}

Result<Bitmap> widen555(const Bitmap& bitmap) {
  Bitmap wide = CASSIA_TRY(new_bitmap(bitmap.size(), PixelFormat::xrgb32));
  for (std::int32_t y = 0; y < bitmap.height(); ++y) {
    convert_row(WireBitmapFormat::rgb16, bitmap.row(y), wide.row32(y), bitmap.width(), nullptr);
  }
  return wide;
}

Result<EncodedImage> encode_lz4(const Bitmap& bitmap) { return encode_lz4_as(bitmap, {}); }

Result<EncodedImage> encode_lz4_as(const Bitmap& bitmap, const Lz4Options& how) {
  CASSIA_TRY(check_size(bitmap.size(), 1));
  switch (bitmap.format()) {
    case PixelFormat::xrgb32:
      return compress(bitmap, how.rgb24 ? WireBitmapFormat::rgb24 : WireBitmapFormat::rgb32,
                      how.top_down);
    case PixelFormat::argb32:
      return compress(bitmap, WireBitmapFormat::rgba, how.top_down);
    case PixelFormat::rgb555:
      return compress(bitmap, WireBitmapFormat::rgb16, how.top_down);
    case PixelFormat::rgb565:
      return encode_lz4_as(CASSIA_TRY(widen565(bitmap)), how);
    case PixelFormat::a8:
    case PixelFormat::a1:
      break;
  }
  return fail(ErrorKind::unsupported, "LZ4 images hold colours, not masks");
}

}  // namespace cassia::codec
