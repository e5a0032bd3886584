// SPDX-License-Identifier: Apache-2.0
#pragma once

// The decoders behind decode(), one per file. `image.size` has been checked by the caller;
// everything inside `data` has not. Internal to render/codec.

#include "render/codec/cpu.h"
#include "render/codec/decode.h"
#include "render/raster/image.h"

namespace cassia::codec {

Result<raster::Bitmap> decode_raw(const raster::EncodedImage& image, const DecodeContext& context);
Result<raster::Bitmap> decode_raw_mask(const raster::EncodedImage& image);
Result<raster::Bitmap> decode_quic(ByteView data, raster::Size size, SimdLevel simd = best_simd(),
                                   BufferPool* buffers = nullptr);
/// LZ_RGB and LZ_PLT; `palette` may be null for the former.
Result<raster::Bitmap> decode_lz(const raster::EncodedImage& image, const DecodeContext& context,
                                 SimdLevel level = best_simd());
/// An LZ stream of type XXXA: only the top byte of each pixel of `target` (32-bit, no gaps between
/// rows) is replaced.
Result<void> decode_lz_alpha(ByteView data, raster::Bitmap& target, SimdLevel level = best_simd());
Result<raster::Bitmap> decode_glz(ByteView data, raster::Size size, DecodeContext& context,
                                  SimdLevel level = best_simd());
Result<raster::Bitmap> decode_zlib_glz(const raster::EncodedImage& image, DecodeContext& context);
Result<raster::Bitmap> decode_lz4(ByteView data, raster::Size size, BufferPool* buffers = nullptr);
Result<raster::Bitmap> decode_jpeg(ByteView data, raster::Size size, raster::PixelFormat format,
                                   BufferPool* buffers = nullptr);
Result<raster::Bitmap> decode_jpeg_alpha(const raster::EncodedImage& image,
                                         BufferPool* buffers = nullptr);

}  // namespace cassia::codec
