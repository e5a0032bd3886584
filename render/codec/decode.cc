// SPDX-License-Identifier: Apache-2.0
#include "render/codec/decode.h"

#include "render/codec/codecs.h"
#include "render/codec/pixels.h"

namespace cassia::codec {

using raster::Bitmap;
using raster::ImageCodec;

namespace {

Result<Bitmap> decode_as_sent(const raster::EncodedImage& image, DecodeContext& context) {
  CASSIA_TRY(check_size(image.size));
  const ByteView data = image.data.view();
  switch (image.codec) {
    case ImageCodec::bitmap:
      return decode_raw(image, context);
    case ImageCodec::quic:
      return decode_quic(data, image.size, best_simd(), context.buffers);
    case ImageCodec::lz_rgb:
    case ImageCodec::lz_palette:
      return decode_lz(image, context);
    case ImageCodec::glz_rgb:
      return decode_glz(data, image.size, context);
    case ImageCodec::zlib_glz:
      return decode_zlib_glz(image, context);
    case ImageCodec::jpeg:
      return decode_jpeg(data, image.size, raster::PixelFormat::xrgb32, context.buffers);
    case ImageCodec::jpeg_alpha:
      return decode_jpeg_alpha(image, context.buffers);
    case ImageCodec::lz4:
      return decode_lz4(data, image.size, context.buffers);
  }
  return fail(ErrorKind::unsupported, "image codec {} is not known", static_cast<int>(image.codec));
}

}  // namespace

Result<Bitmap> decode(const raster::EncodedImage& image, DecodeContext& context) {
  Bitmap bitmap = CASSIA_TRY(decode_as_sent(image, context));
  if (image.high_bits && bitmap.format() == raster::PixelFormat::xrgb32) make_opaque(bitmap);
  return bitmap;
}

Result<Bitmap> decode_mask(const raster::EncodedImage& image) {
  CASSIA_TRY(check_size(image.size));
  if (image.codec != ImageCodec::bitmap) {
    return fail(ErrorKind::unsupported, "a mask is a 1-bit bitmap, not {}", name_of(image.codec));
  }
  return decode_raw_mask(image);
}

const char* name_of(ImageCodec codec) {
  switch (codec) {
    case ImageCodec::bitmap:
      return "bitmap";
    case ImageCodec::quic:
      return "quic";
    case ImageCodec::lz_rgb:
      return "lz_rgb";
    case ImageCodec::lz_palette:
      return "lz_palette";
    case ImageCodec::glz_rgb:
      return "glz_rgb";
    case ImageCodec::zlib_glz:
      return "zlib_glz";
    case ImageCodec::jpeg:
      return "jpeg";
    case ImageCodec::jpeg_alpha:
      return "jpeg_alpha";
    case ImageCodec::lz4:
      return "lz4";
  }
  return "unknown";
}

}  // namespace cassia::codec
