// SPDX-License-Identifier: Apache-2.0
#pragma once

// Pixels in, compressed image out: what a server sends. Every result stands alone and is understood
// by stock clients (spice-gtk decodes all of it; spice-html5 all but LZ4 and LZ_PLT).
//
// Stateless and safe from any thread. The bitmap is only read during the call; the result shares
// nothing with it. Errors: unsupported (the codec has no form for that pixel format), no_space.

#include <optional>

#include "base/result.h"
#include "render/raster/bitmap.h"
#include "render/raster/image.h"

namespace cassia::codec {

/// Rows as they are. a1 becomes a 1-bit mask bitmap without a palette.
Result<raster::EncodedImage> encode_raw(const raster::Bitmap& bitmap);
/// The same in a format of choice, top row first or last: the bitmap's own; bit1_be for a1; rgb24
/// and, where its colours are few enough for the format, the palettised ones for xrgb32. Error:
/// unsupported if pixels would change.
Result<raster::EncodedImage> encode_raw_as(const raster::Bitmap& bitmap,
                                           raster::WireBitmapFormat format, bool top_down);
/// All formats but a1; rgb565 travels as 32-bit colour.
Result<raster::EncodedImage> encode_lz(const raster::Bitmap& bitmap);
/// xrgb32 of at most 256 colours, as LZ_PLT with 1, 4 or 8 bits a pixel and the palette inline.
/// Unsupported if there are more. For surfaces of 32 bits only: elsewhere stock clients take
/// palettes for 15-bit colours.
Result<raster::EncodedImage> encode_lz_palette(const raster::Bitmap& bitmap);
/// 32-bit and rgb555; rgb565 travels as 32-bit colour.
Result<raster::EncodedImage> encode_lz4(const raster::Bitmap& bitmap);
/// All formats but a1; rgb565 travels as 32-bit colour. a8 becomes QUIC's gray type, which the
/// stock client's canvas refuses though its decoder knows it; encode() below never chooses that.
Result<raster::EncodedImage> encode_quic(const raster::Bitmap& bitmap);
/// JPEG, or JPEG_ALPHA for argb32, of all formats with colours. Lossy. `quality` is libjpeg's, 1 to
/// 100.
Result<raster::EncodedImage> encode_jpeg(const raster::Bitmap& bitmap, int quality);

/// What a viewer understands and wants (its display capabilities and preferred_compression
/// message).
struct EncodeChoice {
  bool quic = true;
  bool lz = true;
  bool lz_palette = false;  ///< for pictures of few colours; no spice-html5, no 16-bit surface
  bool lz4 = false;
  bool jpeg = false;        ///< false also where lossy images are not wanted
  bool prefer_lz4 = false;  ///< fast links: LZ4 for everything that is not photographic
  bool by_channel = false;  ///< drawn pictures stay pixels: the viewer's channel encodes them (GLZ)
  int jpeg_quality = 85;
};

/// The codec that suits the picture: photographs as JPEG or QUIC, drawn pictures as LZ or LZ4, and
/// raw where nothing is allowed, nothing helps or the picture is tiny. `photographic`: what
/// looks_photographic() has said, if it was asked already.
Result<raster::EncodedImage> encode(const raster::Bitmap& bitmap, const EncodeChoice& choice,
                                    std::optional<bool> photographic = std::nullopt);

/// The x of every pixel of this xrgb32 bitmap is 255: EncodedImage::high_bits, which encode() sets.
bool has_high_bits(const raster::Bitmap& bitmap);

/// True if neighbouring pixels mostly differ a little, as in photographs, rather than not at all or
/// a lot, as in text and drawings. Looks at a sample of the pixels; 32-bit formats only.
bool looks_photographic(const raster::Bitmap& bitmap);

}  // namespace cassia::codec
