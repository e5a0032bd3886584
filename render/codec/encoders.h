// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the encoders share. Internal to render/codec.

#include "base/bytes.h"
#include "base/result.h"
#include "render/codec/cpu.h"
#include "render/codec/indexed.h"
#include "render/raster/bitmap.h"
#include "render/raster/image.h"

namespace cassia::codec {

/// rgb565 to xrgb32, (c << 3) | (c >> 2) and (c << 2) | (c >> 4).
Result<raster::Bitmap> widen565(const raster::Bitmap& bitmap);
/// rgb555 likewise.
Result<raster::Bitmap> widen555(const raster::Bitmap& bitmap);

/// encode_quic() with the vector instructions of `level`; the bytes are the same.
Result<raster::EncodedImage> encode_quic_at(const raster::Bitmap& bitmap, SimdLevel level);

/// How an LZ stream is made; what stands here by itself is what the public functions do.
struct LzOptions {
  SimdLevel level = best_simd();  ///< all levels give the same bytes
  bool top_down = true;           ///< false: the bottom row is stored first
  bool rgb24 = false;             ///< xrgb32 as type RGB24: the same but for the header
};
Result<raster::EncodedImage> encode_lz_as(const raster::Bitmap& bitmap, const LzOptions& how);
/// As LZ_PLT in one of the palettised formats, which must have room for the picture's colours.
raster::EncodedImage encode_lz_palette_as(const IndexedPicture& picture,
                                          raster::WireBitmapFormat format, const LzOptions& how);
/// The same for LZ4.
struct Lz4Options {
  bool top_down = true;
  bool rgb24 = false;  ///< xrgb32 in three bytes a pixel
};
Result<raster::EncodedImage> encode_lz4_as(const raster::Bitmap& bitmap, const Lz4Options& how);
/// The alpha of an argb32 bitmap as an LZ stream of type XXXA, for JPEG_ALPHA.
SharedBytes encode_lz_alpha(const raster::Bitmap& bitmap, const LzOptions& how = {});

}  // namespace cassia::codec
