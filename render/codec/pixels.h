// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the codecs share: making bitmaps with room for wide stores, checking sizes, and turning
// stored rows into 32-bit pixels. Internal to render/codec.

#include <cstdint>
#include <cstring>
#include <memory>

#include "base/bytes.h"
#include "base/result.h"
#include "render/raster/bitmap.h"
#include "render/raster/image.h"

namespace cassia::codec {

class BufferPool;

/// Bytes after the last row of new_bitmap() and Scratch that may be read and written.
inline constexpr std::size_t slack_bytes = 64;
inline constexpr std::uint32_t opaque = 0xff000000u;
inline constexpr std::uint32_t color_bits = 0x00ffffffu;

/// Fails unless an image of `size` may exist at all; nothing is allocated.
Result<void> check_size(raster::Size size, std::size_t bytes_per_pixel = 4);
/// Fails unless the size that a codec's header states is the one of the message.
Result<void> check_same_size(std::uint32_t width, std::uint32_t height, raster::Size expected,
                             const char* codec);

/// Uninitialised; xrgb32 and argb32 rows follow each other without gaps.
/// From `buffers`, if there are any.
Result<raster::Bitmap> new_bitmap(raster::Size size, raster::PixelFormat format,
                                  BufferPool* buffers = nullptr);

/// Uninitialised bytes with slack.
class Scratch {
 public:
  explicit Scratch(std::size_t bytes)
      : bytes_(std::make_unique_for_overwrite<std::uint8_t[]>(bytes + slack_bytes)) {}
  std::uint8_t* data() { return bytes_.get(); }

 private:
  std::unique_ptr<std::uint8_t[]> bytes_;
};

/// Reverses the order of the rows.
void flip_rows(raster::Bitmap& bitmap);
/// Sets the top byte of every pixel of a 32-bit bitmap to 255.
void make_opaque(raster::Bitmap& bitmap);

/// x1r5g5b5 to xrgb32, whose x is 0.
inline std::uint32_t expand555(std::uint32_t c) {
  const std::uint32_t rb = ((c & 0x7c00) << 9) | ((c & 0x001f) << 3);
  const std::uint32_t g = (c & 0x03e0) << 6;
  return rb | g | ((rb >> 5) & 0x00070007) | ((g >> 5) & 0x00000700);
}

/// Bit 0 to bit 7 and so on.
inline std::uint8_t reverse_bits(std::uint8_t b) {
  return static_cast<std::uint8_t>(((b * 0x80200802ull) & 0x0884422110ull) * 0x0101010101ull >> 32);
}

inline std::uint32_t load_le16(const std::uint8_t* p) { return p[0] | (p[1] << 8); }
inline std::uint32_t load_le32(const std::uint8_t* p) {
  std::uint32_t v;
  std::memcpy(&v, p, 4);
  return v;
}
inline std::uint64_t load_le64(const std::uint8_t* p) {
  std::uint64_t v;
  std::memcpy(&v, p, 8);
  return v;
}
inline std::uint32_t load_be32(const std::uint8_t* p) { return __builtin_bswap32(load_le32(p)); }
inline std::uint64_t load_be64(const std::uint8_t* p) { return __builtin_bswap64(load_le64(p)); }

/// One stored row in `format` to 32-bit pixels; `palette` holds 256 entries for palettised formats.
void convert_row(raster::WireBitmapFormat format, const std::uint8_t* from, std::uint32_t* to,
                 std::int32_t width, const std::uint32_t* palette);
/// Bytes that a row of `width` pixels takes at least, 0 for an unknown format.
std::size_t row_bytes(raster::WireBitmapFormat format, std::int32_t width);
inline bool is_palettised(raster::WireBitmapFormat format) {
  return format >= raster::WireBitmapFormat::bit1_le && format <= raster::WireBitmapFormat::bit8;
}

/// A palette blown up to 256 xrgb32 entries; what it does not define is black, except that 4-bit
/// indices wrap around (as the stock client does for LZ).
struct ColorTable {
  std::uint32_t colors[256];
};
ColorTable color_table(const raster::Palette& palette, bool rgb555, bool wrap_indices);

}  // namespace cassia::codec
