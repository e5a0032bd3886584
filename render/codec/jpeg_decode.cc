// SPDX-License-Identifier: Apache-2.0
// JPEG and JPEG_ALPHA (a JPEG followed by an LZ plane of alpha), by libjpeg-turbo with its
// defaults, as the stock client uses it: the same library gives the same pixels.

#include <csetjmp>

#include "render/codec/codecs.h"
#include "render/codec/jpeg_library.h"
#include "render/codec/pixels.h"

namespace cassia::codec {
namespace {

using raster::Bitmap;
using raster::PixelFormat;

/// A progressive image may state any number of scans, each a pass over all pixels.
constexpr int max_scans = 64;
constexpr long max_library_bytes = 512L << 20;

/// libjpeg reports errors by not returning: control goes back to `escape`.
struct ErrorTrap {
  jpeg_error_mgr base;
  std::jmp_buf escape;
  char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void on_error(j_common_ptr info) {
  auto* trap = reinterpret_cast<ErrorTrap*>(info->err);
  info->err->format_message(info, trap->message);
  std::longjmp(trap->escape, 1);
}

/// Warnings are about data that is missing or corrupt; the library would make pixels up.
void on_message(j_common_ptr info, int level) {
  if (level < 0) on_error(info);
}

void on_progress(j_common_ptr info) {
  const auto* decoder = reinterpret_cast<j_decompress_ptr>(info);
  if (decoder->input_scan_number <= max_scans) return;
  auto* trap = reinterpret_cast<ErrorTrap*>(info->err);
  std::snprintf(trap->message, sizeof trap->message, "more than %d scans", max_scans);
  std::longjmp(trap->escape, 1);
}

/// Huffman codes take at least a bit a block of 8x8 samples, so a byte stands for fewer pixels than
/// this.
constexpr std::size_t most_pixels_a_byte = 1024;

struct Decoder {
  jpeg_decompress_struct info{};
  ErrorTrap trap{};
  jpeg_progress_mgr progress{};
};

// No object with a destructor lives in the two functions that a long jump may leave.

/// Reads the header, which must state `size`.
bool read_header(Decoder& decoder, ByteView data, raster::Size size) {
  jpeg_decompress_struct& info = decoder.info;
  if (setjmp(decoder.trap.escape) != 0) return false;
  jpeg_create_decompress(&info);
  info.mem->max_memory_to_use = max_library_bytes;
  decoder.progress.progress_monitor = on_progress;
  info.progress = &decoder.progress;
  jpeg_mem_src(&info, data.data(), static_cast<unsigned long>(data.size()));
  jpeg_read_header(&info, TRUE);
  if (info.image_width == static_cast<JDIMENSION>(size.width) &&
      info.image_height == static_cast<JDIMENSION>(size.height)) {
    return true;
  }
  std::snprintf(decoder.trap.message, sizeof decoder.trap.message,
                "%ux%u pixels in a message that says %dx%d", info.image_width, info.image_height,
                size.width, size.height);
  return false;
}

bool read_pixels(Decoder& decoder, Bitmap& bitmap) {
  jpeg_decompress_struct& info = decoder.info;
  if (setjmp(decoder.trap.escape) != 0) return false;
  info.out_color_space = JCS_EXT_BGRX;
  jpeg_start_decompress(&info);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = bitmap.row(static_cast<std::int32_t>(info.output_scanline));
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  return true;
}

Result<Bitmap> run_decoder(Decoder& decoder, ByteView data, raster::Size size, PixelFormat format,
                           BufferPool* buffers) {
  const auto broken = [&] {
    return fail(ErrorKind::malformed, "JPEG image: {}", decoder.trap.message);
  };
  if (!read_header(decoder, data, size)) return broken();
  const std::size_t pixels =
      static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height);
  if (pixels / most_pixels_a_byte > data.size()) {
    return fail(ErrorKind::malformed, "JPEG image of {}x{} pixels in {} bytes", size.width,
                size.height, data.size());
  }
  Bitmap bitmap = CASSIA_TRY(new_bitmap(size, format, buffers));
  if (!read_pixels(decoder, bitmap)) return broken();
  return bitmap;
}

}  // namespace

Result<Bitmap> decode_jpeg(ByteView data, raster::Size size, PixelFormat format,
                           BufferPool* buffers) {
  if (data.empty()) return fail(ErrorKind::malformed, "JPEG image: no data");
  Decoder decoder;
  decoder.info.err = jpeg_std_error(&decoder.trap.base);
  decoder.trap.base.error_exit = on_error;
  decoder.trap.base.emit_message = on_message;
  auto result = run_decoder(decoder, data, size, format, buffers);
  jpeg_destroy_decompress(&decoder.info);
  return result;
}

Result<Bitmap> decode_jpeg_alpha(const raster::EncodedImage& image, BufferPool* buffers) {
  const ByteView data = image.data.view();
  if (image.jpeg_size > data.size()) {
    return fail(ErrorKind::malformed, "JPEG_ALPHA image of {} bytes says that {} are JPEG",
                data.size(), image.jpeg_size);
  }
  Bitmap bitmap = CASSIA_TRY(
      decode_jpeg(data.first(image.jpeg_size), image.size, PixelFormat::argb32, buffers));
  CASSIA_TRY(decode_lz_alpha(data.subspan(image.jpeg_size), bitmap));
  return bitmap;
}

}  // namespace cassia::codec
