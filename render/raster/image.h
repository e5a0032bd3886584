// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where a draw takes its pixels from: a bitmap, a still compressed image, or another surface.

#include <cstdint>
#include <memory>
#include <variant>

#include "base/bytes.h"
#include "render/raster/bitmap.h"

namespace cassia::raster {

using SurfaceId = std::uint32_t;

/// The image encodings of the wire (enum SpiceImageType without the references to caches).
enum class ImageCodec : std::uint8_t {
  bitmap,  ///< raw rows in one of the wire's bitmap formats
  quic,
  lz_rgb,
  lz_palette,
  glz_rgb,   ///< needs the session's GLZ window: never stands alone
  zlib_glz,  ///< likewise
  jpeg,
  jpeg_alpha,
  lz4,
};

/// enum SpiceBitmapFmt: how the rows of ImageCodec::bitmap and lz_palette are laid out.
enum class WireBitmapFormat : std::uint8_t {
  invalid,
  bit1_le,
  bit1_be,
  bit4_le,
  bit4_be,
  bit8,
  rgb16,
  rgb24,
  rgb32,
  rgba,
  a8,
};

/// Colours of a palettised bitmap, 0x00RRGGBB each (or 15-bit if `rgb16`-era guests send them so).
struct Palette {
  std::uint64_t unique = 0;
  std::vector<std::uint32_t> colors;
};

/// A compressed image exactly as it came from, or goes to, the wire. Immutable once shared.
struct EncodedImage {
  ImageCodec codec = ImageCodec::bitmap;
  Size size;         ///< of the SpiceImageDescriptor
  SharedBytes data;  ///< the codec's bytes, without any SPICE length prefix
  /// Only for bitmap and lz_palette:
  WireBitmapFormat bitmap_format = WireBitmapFormat::invalid;
  std::int32_t stride = 0;  ///< bytes between rows of `bitmap`
  bool top_down = true;
  std::shared_ptr<const Palette> palette;
  /// The x of every decoded pixel is 255 (SPICE_IMAGE_FLAGS_HIGH_BITS_SET); else 0, or what the
  /// rows of a 32-bit `bitmap` or lz4 hold. It counts where a surface is taken for one with alpha.
  bool high_bits = false;
  /// Only for zlib_glz: size of the inflated GLZ data.
  std::uint32_t inflated_size = 0;
  /// Only for jpeg_alpha: bytes of `data` that are JPEG; the LZ alpha plane follows.
  std::uint32_t jpeg_size = 0;

  bool stands_alone() const {
    return codec != ImageCodec::glz_rgb && codec != ImageCodec::zlib_glz;
  }
};
using EncodedImagePtr = std::shared_ptr<const EncodedImage>;

/// Pixels of another (or the same) surface at the time of the draw.
struct SurfaceSource {
  SurfaceId surface = 0;
};

/// What the sender says of an image's identity, for caches (SpiceImageDescriptor). 0: none.
struct ImageIdentity {
  std::uint64_t id = 0;
  bool cache_me = false;
};

/// No image (a mask that is not there), decoded pixels, compressed pixels, or a surface.
struct ImageRef {
  std::variant<std::monostate, BitmapPtr, EncodedImagePtr, SurfaceSource> source;
  ImageIdentity identity;

  bool none() const { return std::holds_alternative<std::monostate>(source); }
  const Bitmap* bitmap() const {
    const auto* p = std::get_if<BitmapPtr>(&source);
    return p ? p->get() : nullptr;
  }
  const EncodedImage* encoded() const {
    const auto* p = std::get_if<EncodedImagePtr>(&source);
    return p ? p->get() : nullptr;
  }
  const SurfaceSource* surface() const { return std::get_if<SurfaceSource>(&source); }
};

}  // namespace cassia::raster
