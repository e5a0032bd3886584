// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the encoders share. Internal to render/codec.

#include "base/bytes.h"
#include "base/result.h"
#include "render/codec/cpu.h"
#include "render/raster/bitmap.h"
#include "render/raster/image.h"

namespace cassia::codec {

/// rgb565 to xrgb32, (c << 3) | (c >> 2) and (c << 2) | (c >> 4).
Result<raster::Bitmap> widen565(const raster::Bitmap& bitmap);

/// encode_quic() with the vector instructions of `level`; the bytes are the same.
Result<raster::EncodedImage> encode_quic_at(const raster::Bitmap& bitmap, SimdLevel level);

/// The alpha of an argb32 bitmap as an LZ stream of type XXXA, for JPEG_ALPHA.
SharedBytes encode_lz_alpha(const raster::Bitmap& bitmap, SimdLevel level = best_simd());
/// encode_lz() with the instructions of one level; all levels give the same bytes.
Result<raster::EncodedImage> encode_lz_at(SimdLevel level, const raster::Bitmap& bitmap);

}  // namespace cassia::codec
