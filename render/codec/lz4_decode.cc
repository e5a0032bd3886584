// SPDX-License-Identifier: Apache-2.0
// LZ4 images: a byte that says whether the top row comes first, a SpiceBitmapFmt, then LZ4 blocks
// each after its big-endian length. Blocks continue one another's dictionary. Stock clients know
// the formats of 16, 24 and 32 bits and RGBA; 8BIT_A, which libspice-server would compress as well,
// is read here too.

#include <lz4.h>

#include "render/codec/codecs.h"
#include "render/codec/pixels.h"

namespace cassia::codec {
namespace {

using raster::Bitmap;
using raster::PixelFormat;
using raster::WireBitmapFormat;

/// Fills `size` bytes at `out`; the blocks must hold exactly that many.
Result<void> inflate_blocks(ByteView data, std::uint8_t* out, std::size_t size) {
  LZ4_streamDecode_t stream;
  LZ4_setStreamDecode(&stream, nullptr, 0);
  std::size_t done = 0;
  while (!data.empty()) {
    if (data.size() < 4 || load_be32(data.data()) > data.size() - 4) {
      return fail(ErrorKind::malformed, "LZ4 image: a block is cut");
    }
    const std::size_t block = load_be32(data.data());
    const int written =
        LZ4_decompress_safe_continue(&stream, reinterpret_cast<const char*>(data.data() + 4),
                                     reinterpret_cast<char*>(out + done), static_cast<int>(block),
                                     static_cast<int>(size - done));
    if (written <= 0) return fail(ErrorKind::malformed, "LZ4 image: a block is inconsistent");
    done += static_cast<std::size_t>(written);
    data = data.subspan(4 + block);
  }
  if (done != size) {
    return fail(ErrorKind::malformed, "LZ4 image of {} bytes instead of {}", done, size);
  }
  return {};
}

PixelFormat pixel_format_of(WireBitmapFormat format) {
  if (format == WireBitmapFormat::a8) return PixelFormat::a8;
  return format == WireBitmapFormat::rgba ? PixelFormat::argb32 : PixelFormat::xrgb32;
}

}  // namespace

Result<Bitmap> decode_lz4(ByteView data, raster::Size size, BufferPool* buffers) {
  if (data.size() < 2) return fail(ErrorKind::malformed, "LZ4 image of {} bytes", data.size());
  const bool top_down = data[0] != 0;
  const auto format = static_cast<WireBitmapFormat>(data[1]);
  if (format < WireBitmapFormat::rgb16 || format > WireBitmapFormat::a8) {
    return fail(ErrorKind::malformed, "LZ4 image of bitmap format {}", data[1]);
  }
  data = data.subspan(2);
  const std::size_t row = row_bytes(format, size.width);
  const std::size_t total = row * static_cast<std::size_t>(size.height);
  if (total / 256 > data.size()) {
    return fail(ErrorKind::malformed, "LZ4 image of {}x{} pixels in {} bytes", size.width,
                size.height, data.size());
  }
  const PixelFormat pixels = pixel_format_of(format);
  Bitmap bitmap = CASSIA_TRY(new_bitmap(size, pixels, buffers));
  if (row == static_cast<std::size_t>(bitmap.stride())) {
    CASSIA_TRY(inflate_blocks(data, bitmap.row(0), total));
  } else {
    Scratch rows(total);
    CASSIA_TRY(inflate_blocks(data, rows.data(), total));
    for (std::int32_t y = 0; y < size.height; ++y) {
      const std::uint8_t* from = rows.data() + static_cast<std::size_t>(y) * row;
      if (pixels == PixelFormat::a8) {
        std::memcpy(bitmap.row(y), from, row);
      } else {
        convert_row(format, from, bitmap.row32(y), size.width, nullptr);
      }
    }
  }
  if (!top_down) flip_rows(bitmap);
  return bitmap;
}

}  // namespace cassia::codec
