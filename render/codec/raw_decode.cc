// SPDX-License-Identifier: Apache-2.0
// Uncompressed bitmaps (SpiceBitmap): rows of any of the wire's formats, top row first or last.

#include "render/codec/codecs.h"
#include "render/codec/pixels.h"

namespace cassia::codec {
namespace {

using raster::Bitmap;
using raster::EncodedImage;
using raster::PixelFormat;
using raster::WireBitmapFormat;

Result<void> check_rows(const EncodedImage& image) {
  const std::size_t row = row_bytes(image.bitmap_format, image.size.width);
  if (row == 0) {
    return fail(ErrorKind::malformed, "bitmap format {} is not known",
                static_cast<int>(image.bitmap_format));
  }
  if (image.stride < 0 || static_cast<std::size_t>(image.stride) < row) {
    return fail(ErrorKind::malformed, "a bitmap {} pixels wide with rows of {} bytes",
                image.size.width, image.stride);
  }
  const std::size_t needed =
      static_cast<std::size_t>(image.stride) * static_cast<std::size_t>(image.size.height - 1) +
      row;
  if (image.data.size() < needed) {
    return fail(ErrorKind::malformed, "a bitmap of {} bytes comes with {} bytes of data", needed,
                image.data.size());
  }
  return {};
}

/// The stored row that becomes row `y` of the result.
const std::uint8_t* stored_row(const EncodedImage& image, std::int32_t y) {
  const std::int32_t index = image.top_down ? y : image.size.height - 1 - y;
  return image.data.data() + static_cast<std::ptrdiff_t>(index) * image.stride;
}

Result<Bitmap> copy_bytes(const EncodedImage& image, PixelFormat format, BufferPool* buffers) {
  Bitmap bitmap = CASSIA_TRY(new_bitmap(image.size, format, buffers));
  const std::size_t row = row_bytes(image.bitmap_format, image.size.width);
  const auto stride = static_cast<std::size_t>(bitmap.stride());
  for (std::int32_t y = 0; y < bitmap.height(); ++y) {
    const std::uint8_t* from = stored_row(image, y);
    std::uint8_t* to = bitmap.row(y);
    if (image.bitmap_format == WireBitmapFormat::bit1_be) {
      for (std::size_t i = 0; i < row; ++i) to[i] = reverse_bits(from[i]);
    } else {
      std::memcpy(to, from, row);
    }
    std::memset(to + row, 0, stride - row);
  }
  return bitmap;
}

bool is_one_bit(WireBitmapFormat format) {
  return format == WireBitmapFormat::bit1_le || format == WireBitmapFormat::bit1_be;
}

}  // namespace

Result<Bitmap> decode_raw_mask(const EncodedImage& image) {
  if (!is_one_bit(image.bitmap_format)) {
    return fail(ErrorKind::malformed, "a mask of bitmap format {} instead of 1 bit",
                static_cast<int>(image.bitmap_format));
  }
  CASSIA_TRY(check_rows(image));
  return copy_bytes(image, PixelFormat::a1, nullptr);
}

Result<Bitmap> decode_raw(const EncodedImage& image, const DecodeContext& context) {
  CASSIA_TRY(check_rows(image));
  const WireBitmapFormat format = image.bitmap_format;
  if (format == WireBitmapFormat::a8) return copy_bytes(image, PixelFormat::a8, context.buffers);
  if (is_one_bit(format) && !image.palette) {
    return copy_bytes(image, PixelFormat::a1, context.buffers);
  }

  ColorTable table;
  if (is_palettised(format)) {
    if (!image.palette) return fail(ErrorKind::malformed, "a palettised bitmap without a palette");
    table = color_table(*image.palette, context.rgb555_palettes, false);
  }
  const bool alpha = format == WireBitmapFormat::rgba;
  Bitmap bitmap = CASSIA_TRY(
      new_bitmap(image.size, alpha ? PixelFormat::argb32 : PixelFormat::xrgb32, context.buffers));
  for (std::int32_t y = 0; y < bitmap.height(); ++y) {
    convert_row(format, stored_row(image, y), bitmap.row32(y), bitmap.width(), table.colors);
  }
  return bitmap;
}

}  // namespace cassia::codec
