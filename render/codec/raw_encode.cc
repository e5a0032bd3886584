// SPDX-License-Identifier: Apache-2.0
// Uncompressed bitmaps (SpiceBitmap): rows in any of the wire's formats, top row first or last.
// Rows are padded to 4 bytes, as guests' drivers do it.

#include "render/codec/encode.h"
#include "render/codec/encoders.h"
#include "render/codec/pixels.h"

namespace cassia::codec {
namespace {

using raster::Bitmap;
using raster::EncodedImage;
using raster::PixelFormat;
using raster::WireBitmapFormat;

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

/// Cleared rows for `format`; what `store(y, row)` writes becomes row y of the picture.
template <class Store>
EncodedImage make_rows(raster::Size size, WireBitmapFormat format, bool top_down, Store store) {
  const std::size_t stride = (row_bytes(format, size.width) + 3) / 4 * 4;
  Bytes data(stride * static_cast<std::size_t>(size.height));
  for (std::int32_t y = 0; y < size.height; ++y) {
    const std::int32_t place = top_down ? y : size.height - 1 - y;
    store(y, data.data() + static_cast<std::size_t>(place) * stride);
  }
  EncodedImage image;
  image.codec = raster::ImageCodec::bitmap;
  image.size = size;
  image.bitmap_format = format;
  image.stride = static_cast<std::int32_t>(stride);
  image.top_down = top_down;
  image.data = SharedBytes(std::move(data));
  return image;
}

EncodedImage palettised(const IndexedPicture& picture, WireBitmapFormat format, bool top_down) {
  EncodedImage image =
      make_rows(picture.size, format, top_down,
                [&](std::int32_t y, std::uint8_t* to) { pack_row(picture, y, format, to); });
  image.palette = palette_of(picture);
  return image;
}

EncodedImage as_rgb24(const Bitmap& bitmap, bool top_down) {
  return make_rows(bitmap.size(), WireBitmapFormat::rgb24, top_down,
                   [&](std::int32_t y, std::uint8_t* to) {
                     const std::uint8_t* from = bitmap.row(y);
                     for (std::int32_t x = 0; x < bitmap.width(); ++x, from += 4, to += 3) {
                       std::memcpy(to, from, 3);
                     }
                   });
}

EncodedImage as_reversed_bits(const Bitmap& bitmap, bool top_down) {
  const std::size_t used = row_bytes(WireBitmapFormat::bit1_be, bitmap.width());
  return make_rows(bitmap.size(), WireBitmapFormat::bit1_be, top_down,
                   [&](std::int32_t y, std::uint8_t* to) {
                     for (std::size_t i = 0; i < used; ++i) to[i] = reverse_bits(bitmap.row(y)[i]);
                   });
}

}  // namespace

Result<EncodedImage> encode_raw(const Bitmap& bitmap) {
  return encode_raw_as(bitmap, CASSIA_TRY(wire_format(bitmap.format())), true);
}

Result<EncodedImage> encode_raw_as(const Bitmap& bitmap, WireBitmapFormat format, bool top_down) {
  CASSIA_TRY(check_size(bitmap.size(), 1));
  if (const auto own = wire_format(bitmap.format()); own && *own == format) {
    const std::size_t used = row_bytes(format, bitmap.width());
    return make_rows(bitmap.size(), format, top_down, [&](std::int32_t y, std::uint8_t* to) {
      std::memcpy(to, bitmap.row(y), used);
    });
  }
  if (bitmap.format() == PixelFormat::a1 && format == WireBitmapFormat::bit1_be) {
    return as_reversed_bits(bitmap, top_down);
  }
  if (bitmap.format() == PixelFormat::xrgb32 && format == WireBitmapFormat::rgb24) {
    return as_rgb24(bitmap, top_down);
  }
  if (bitmap.format() == PixelFormat::xrgb32 && is_palettised(format)) {
    const std::size_t most = std::size_t{1} << index_bits(format);
    if (const auto picture = index_colors(bitmap, most)) {
      return palettised(*picture, format, top_down);
    }
    return fail(ErrorKind::unsupported, "more than {} colours are in the picture", most);
  }
  return fail(ErrorKind::unsupported, "bitmap format {} does not hold such pixels unchanged",
              static_cast<int>(format));
}

}  // namespace cassia::codec
