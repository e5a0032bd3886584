// SPDX-License-Identifier: Apache-2.0
#include "render/codec/pixels.h"

#include <algorithm>
#include <cstdlib>

#include "render/codec/buffer_pool.h"

namespace cassia::codec {

using raster::Bitmap;
using raster::PixelFormat;
using raster::WireBitmapFormat;

Result<void> check_size(raster::Size size, std::size_t bytes_per_pixel) {
  if (size.empty() || size.width > raster::max_side || size.height > raster::max_side) {
    return fail(ErrorKind::malformed, "an image of {}x{} pixels is not possible", size.width,
                size.height);
  }
  const std::size_t bytes = static_cast<std::size_t>(size.width) *
                            static_cast<std::size_t>(size.height) * bytes_per_pixel;
  if (bytes > raster::max_bitmap_bytes) {
    return fail(ErrorKind::no_space, "an image of {}x{} pixels is larger than the limit of {} MiB",
                size.width, size.height, raster::max_bitmap_bytes >> 20);
  }
  return {};
}

Result<void> check_same_size(std::uint32_t width, std::uint32_t height, raster::Size expected,
                             const char* codec) {
  if (width == static_cast<std::uint32_t>(expected.width) &&
      height == static_cast<std::uint32_t>(expected.height)) {
    return {};
  }
  return fail(ErrorKind::malformed, "{} image of {}x{} pixels in a message that says {}x{}", codec,
              width, height, expected.width, expected.height);
}

Result<Bitmap> new_bitmap(raster::Size size, PixelFormat format, BufferPool* buffers) {
  if (buffers != nullptr) return buffers->bitmap(size, format);
  CASSIA_TRY(check_size(size, 1));
  const std::size_t bits = static_cast<std::size_t>(raster::bits_per_pixel(format));
  const std::size_t stride = (static_cast<std::size_t>(size.width) * bits + 31) / 32 * 4;
  const std::size_t bytes = stride * static_cast<std::size_t>(size.height);
  if (bytes > raster::max_bitmap_bytes) CASSIA_TRY(check_size(size, 4));
  std::shared_ptr<void> owner(std::malloc(bytes + slack_bytes), std::free);
  if (!owner) {
    return fail(ErrorKind::no_space, "no memory for an image of {}x{} pixels", size.width,
                size.height);
  }
  auto* pixels = static_cast<std::uint8_t*>(owner.get());
  return Bitmap::wrap(size, format, static_cast<std::int32_t>(stride), pixels, std::move(owner));
}

void flip_rows(Bitmap& bitmap) {
  const std::size_t bytes = static_cast<std::size_t>(bitmap.stride());
  for (std::int32_t top = 0, bottom = bitmap.height() - 1; top < bottom; ++top, --bottom) {
    std::swap_ranges(bitmap.row(top), bitmap.row(top) + bytes, bitmap.row(bottom));
  }
}

void make_opaque(Bitmap& bitmap) {
  for (std::int32_t y = 0; y < bitmap.height(); ++y) {
    std::uint32_t* row = bitmap.row32(y);
    for (std::int32_t x = 0; x < bitmap.width(); ++x) row[x] |= opaque;
  }
}

std::size_t row_bytes(WireBitmapFormat format, std::int32_t width) {
  const auto w = static_cast<std::size_t>(width);
  switch (format) {
    case WireBitmapFormat::bit1_le:
    case WireBitmapFormat::bit1_be:
      return (w + 7) / 8;
    case WireBitmapFormat::bit4_le:
    case WireBitmapFormat::bit4_be:
      return (w + 1) / 2;
    case WireBitmapFormat::bit8:
    case WireBitmapFormat::a8:
      return w;
    case WireBitmapFormat::rgb16:
      return w * 2;
    case WireBitmapFormat::rgb24:
      return w * 3;
    case WireBitmapFormat::rgb32:
    case WireBitmapFormat::rgba:
      return w * 4;
    case WireBitmapFormat::invalid:
      break;
  }
  return 0;
}

void convert_row(WireBitmapFormat format, const std::uint8_t* from, std::uint32_t* to,
                 std::int32_t width, const std::uint32_t* palette) {
  switch (format) {
    case WireBitmapFormat::bit1_le:
      for (std::int32_t x = 0; x < width; ++x) to[x] = palette[(from[x >> 3] >> (x & 7)) & 1];
      break;
    case WireBitmapFormat::bit1_be:
      for (std::int32_t x = 0; x < width; ++x) to[x] = palette[(from[x >> 3] >> (7 - (x & 7))) & 1];
      break;
    case WireBitmapFormat::bit4_le:
      for (std::int32_t x = 0; x < width; ++x)
        to[x] = palette[(from[x >> 1] >> ((x & 1) * 4)) & 15];
      break;
    case WireBitmapFormat::bit4_be:
      for (std::int32_t x = 0; x < width; ++x) {
        to[x] = palette[(from[x >> 1] >> (4 - (x & 1) * 4)) & 15];
      }
      break;
    case WireBitmapFormat::bit8:
      for (std::int32_t x = 0; x < width; ++x) to[x] = palette[from[x]];
      break;
    case WireBitmapFormat::rgb16:
      for (std::int32_t x = 0; x < width; ++x) to[x] = expand555(load_le16(from + 2 * x));
      break;
    case WireBitmapFormat::rgb24:
      for (std::int32_t x = 0; x < width; ++x, from += 3) {
        to[x] = from[0] | static_cast<std::uint32_t>(from[1] << 8) |
                static_cast<std::uint32_t>(from[2] << 16);
      }
      break;
    case WireBitmapFormat::rgb32:  // the highest byte may be an alpha that nobody has announced
    case WireBitmapFormat::rgba:
      std::memcpy(to, from, static_cast<std::size_t>(width) * 4);
      break;
    case WireBitmapFormat::a8:
    case WireBitmapFormat::invalid:
      break;
  }
}

ColorTable color_table(const raster::Palette& palette, bool rgb555, bool wrap_indices) {
  ColorTable table;
  std::fill(std::begin(table.colors), std::end(table.colors), 0u);
  const std::size_t count = std::min<std::size_t>(palette.colors.size(), 256);
  for (std::size_t i = 0; i < count; ++i) {
    table.colors[i] = rgb555 ? expand555(palette.colors[i]) : palette.colors[i] & color_bits;
  }
  for (std::size_t i = count; wrap_indices && count > 0 && i < 16; ++i) {
    table.colors[i] = table.colors[i % count];
  }
  return table;
}

}  // namespace cassia::codec
