// SPDX-License-Identifier: Apache-2.0
#pragma once

// Compressed image in, pixels out: every image type of SPICE (SpiceImageType in spice-protocol's
// enums.h; the codecs themselves have no written standard, FORMATS.md beside this file says what is
// known).
//
// Every byte of an image is hostile. Sizes are checked against raster::max_side,
// raster::max_bitmap_bytes and the amount of data before anything is allocated.

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "render/codec/glz_window.h"
#include "render/raster/bitmap.h"
#include "render/raster/image.h"

namespace cassia::codec {

/// What decoding needs besides the image. One per decoding thread; cheap to make. Not shared
/// between threads at the same time, while the GlzWindow in it is.
struct DecodeContext {
  /// The session's GLZ dictionary; without one, GLZ and ZLIB_GLZ images are an error. Not owned.
  GlzWindow* glz_window = nullptr;
  /// Memory for the pixels; null: the heap. Not owned. GLZ images take the window's.
  BufferPool* buffers = nullptr;
  /// A GLZ image may refer to one that another channel has not delivered yet. True: wait for it
  /// (never on an event loop). False: fail with ErrorKind::busy and name it in `missing_glz_image`;
  /// GlzWindow::when_present() tells when to try again.
  bool wait_for_glz = false;
  /// Palettes hold x1r5g5b5 colours: true when the destination surface is a 16-bit one.
  bool rgb555_palettes = false;
  /// Out: set together with ErrorKind::busy.
  std::uint64_t missing_glz_image = 0;
  /// Out: the number of the GLZ image, as soon as it is known. If decoding fails for good, tell the
  /// window (GlzWindow::lost()).
  std::optional<std::uint64_t> glz_image;
};

/// The pixels of `image`, top row first, in a bitmap of its own (the caller may write to it unless
/// the image is a GLZ one, whose pixels the window may share).
///   - argb32 for images with an alpha channel, as stored (premultiplied or not is the sender's
///   affair);
///   - a8 for alpha-only and gray images, a1 for 1-bit bitmaps without a palette;
///   - xrgb32 with x = 255 for all others; 5 bits of colour become 8 as (c << 3) | (c >> 2).
/// Errors: malformed, unsupported, busy (see above), no_space.
Result<raster::Bitmap> decode(const raster::EncodedImage& image, DecodeContext& context);

/// The same for an image that serves as a mask: its bits as they are (a1), whatever palette it has.
Result<raster::Bitmap> decode_mask(const raster::EncodedImage& image);

/// "quic", "lz_rgb", ...: for logs and statistics.
const char* name_of(raster::ImageCodec codec);

}  // namespace cassia::codec
