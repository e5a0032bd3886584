// SPDX-License-Identifier: Apache-2.0
#pragma once

// Pixels in, GLZ or ZLIB_GLZ out: LZ whose matches may lie in any image that the client still has.
// What comes out means something only to that client, in the order of the images' numbers, and must
// be sent (glz_dictionary.h says why). Stock spice-gtk decodes it; spice-html5 states no window and
// is never sent any.

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "render/codec/cpu.h"
#include "render/codec/glz_dictionary.h"
#include "render/raster/bitmap.h"
#include "render/raster/image.h"

struct libdeflate_compressor;

namespace cassia::codec {

enum class GlzDeflate : std::uint8_t {
  never,
  when_smaller,  ///< ZLIB_GLZ where deflating saves an eighth or more: for slow links
};

/// One per display channel. Used by one thread at a time; encoders of one dictionary may run at the
/// same time on several.
class GlzEncoder {
 public:
  explicit GlzEncoder(std::shared_ptr<GlzDictionary> dictionary, SimdLevel level = best_simd());
  ~GlzEncoder();
  GlzEncoder(GlzEncoder&&) noexcept;
  GlzEncoder& operator=(GlzEncoder&&) noexcept;

  /// True if encode() takes such a bitmap, the window being large enough.
  bool takes(const raster::Bitmap& bitmap) const;

  /// xrgb32 (sent as rgb32), argb32 (rgba), rgb555 (rgb16) and rgb565 (widened to rgb32). The
  /// dictionary shares the bitmap's pixels until they leave the window, so they must not change.
  /// Errors: unsupported (see takes()), malformed (an impossible size), busy, no_space. Nothing has
  /// entered the window then, and the image may be sent in another form.
  Result<raster::EncodedImage> encode(const raster::Bitmap& bitmap,
                                      GlzDeflate deflate = GlzDeflate::never);
  /// An xrgb32 bitmap whose source had 24 bits a pixel, as type rgb24.
  Result<raster::EncodedImage> encode24(const raster::Bitmap& bitmap,
                                        GlzDeflate deflate = GlzDeflate::never);

 private:
  Result<raster::EncodedImage> encode_as(lz::Type type, const raster::Bitmap& bitmap,
                                         GlzDeflate deflate);
  void deflate(raster::EncodedImage& image);

  std::shared_ptr<GlzDictionary> dictionary_;
  SimdLevel level_;
  std::unique_ptr<std::uint8_t[]> scratch_;  ///< compressed bytes before their number is known
  std::size_t scratch_bytes_ = 0;
  std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> compressor_;
};

}  // namespace cassia::codec
