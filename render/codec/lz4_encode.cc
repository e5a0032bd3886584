// SPDX-License-Identifier: Apache-2.0
#include <lz4.h>

#include "render/codec/encode.h"
#include "render/codec/encoders.h"
#include "render/codec/pixels.h"

namespace cassia::codec {

using raster::Bitmap;
using raster::EncodedImage;
using raster::PixelFormat;
using raster::WireBitmapFormat;

namespace {

/// All rows as one block.
Result<EncodedImage> compress(const Bitmap& bitmap, WireBitmapFormat format) {
  const std::size_t row = row_bytes(format, bitmap.width());
  const std::size_t total = row * static_cast<std::size_t>(bitmap.height());
  const std::uint8_t* pixels = bitmap.row(0);
  Scratch packed(static_cast<std::size_t>(bitmap.stride()) == row ? 0 : total);
  if (static_cast<std::size_t>(bitmap.stride()) != row) {
    for (std::int32_t y = 0; y < bitmap.height(); ++y) {
      std::memcpy(packed.data() + static_cast<std::size_t>(y) * row, bitmap.row(y), row);
    }
    pixels = packed.data();
  }
  const int bound = LZ4_compressBound(static_cast<int>(total));
  Bytes data(6 + static_cast<std::size_t>(bound));
  const int size = LZ4_compress_default(reinterpret_cast<const char*>(pixels),
                                        reinterpret_cast<char*>(data.data() + 6),
                                        static_cast<int>(total), bound);
  if (size <= 0) return fail(ErrorKind::internal, "LZ4 did not compress {} bytes", total);
  data[0] = 1;  // the top row comes first
  data[1] = static_cast<std::uint8_t>(format);
  const std::uint32_t length = __builtin_bswap32(static_cast<std::uint32_t>(size));
  std::memcpy(&data[2], &length, 4);
  data.resize(6 + static_cast<std::size_t>(size));
  data.shrink_to_fit();
  EncodedImage image;
  image.codec = raster::ImageCodec::lz4;
  image.size = bitmap.size();
  image.data = SharedBytes(std::move(data));
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

Result<EncodedImage> encode_lz4(const Bitmap& bitmap) {
  CASSIA_TRY(check_size(bitmap.size(), 1));
  switch (bitmap.format()) {
    case PixelFormat::xrgb32:
      return compress(bitmap, WireBitmapFormat::rgb32);
    case PixelFormat::argb32:
      return compress(bitmap, WireBitmapFormat::rgba);
    case PixelFormat::rgb555:
      return compress(bitmap, WireBitmapFormat::rgb16);
    case PixelFormat::rgb565:
      return compress(CASSIA_TRY(widen565(bitmap)), WireBitmapFormat::rgb32);
    case PixelFormat::a8:
    case PixelFormat::a1:
      break;
  }
  return fail(ErrorKind::unsupported, "LZ4 images hold colours, not masks");
}

}  // namespace cassia::codec
