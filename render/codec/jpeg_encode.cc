// SPDX-License-Identifier: Apache-2.0

#include <csetjmp>
#include <cstdlib>

#include "render/codec/encode.h"
#include "render/codec/encoders.h"
#include "render/codec/jpeg_library.h"
#include "render/codec/pixels.h"

namespace cassia::codec {
namespace {

using raster::Bitmap;
using raster::EncodedImage;
using raster::PixelFormat;

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

/// No object with a destructor lives in here. `out` is malloc'ed by libjpeg.
bool run_encoder(jpeg_compress_struct& info, ErrorTrap& trap, const Bitmap& bitmap, int quality,
                 unsigned char** out, unsigned long* size) {
  if (setjmp(trap.escape) != 0) return false;
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, out, size);
  info.image_width = static_cast<JDIMENSION>(bitmap.width());
  info.image_height = static_cast<JDIMENSION>(bitmap.height());
  info.input_components = 4;
  info.in_color_space = JCS_EXT_BGRX;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, quality, TRUE);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    auto* row = const_cast<JSAMPROW>(bitmap.row(static_cast<std::int32_t>(info.next_scanline)));
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  return true;
}

}  // namespace

Result<EncodedImage> encode_jpeg(const Bitmap& bitmap, int quality) {
  CASSIA_TRY(check_size(bitmap.size()));
  const bool alpha = bitmap.format() == PixelFormat::argb32;
  if (bitmap.format() == PixelFormat::rgb565) {
    return encode_jpeg(CASSIA_TRY(widen565(bitmap)), quality);
  }
  if (bitmap.format() == PixelFormat::rgb555) {
    return encode_jpeg(CASSIA_TRY(widen555(bitmap)), quality);
  }
  if (bitmap.format() != PixelFormat::xrgb32 && !alpha) {
    return fail(ErrorKind::unsupported, "JPEG images hold colours, not masks");
  }
  jpeg_compress_struct info{};
  ErrorTrap trap{};
  info.err = jpeg_std_error(&trap.base);
  trap.base.error_exit = on_error;
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  const bool ok = run_encoder(info, trap, bitmap, quality, &bytes, &size);
  jpeg_destroy_compress(&info);
  const std::unique_ptr<unsigned char, decltype(&std::free)> owner(bytes, std::free);
  if (!ok) return fail(ErrorKind::internal, "JPEG encoder: {}", trap.message);

  EncodedImage image;
  image.codec = alpha ? raster::ImageCodec::jpeg_alpha : raster::ImageCodec::jpeg;
  image.size = bitmap.size();
  Bytes data(bytes, bytes + size);
  if (alpha) {
    image.jpeg_size = static_cast<std::uint32_t>(size);
    const SharedBytes plane = encode_lz_alpha(bitmap);
    data.insert(data.end(), plane.view().begin(), plane.view().end());
  }
  image.data = SharedBytes(std::move(data));
  return image;
}

}  // namespace cassia::codec
