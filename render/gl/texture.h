// SPDX-License-Identifier: Apache-2.0
#pragma once

// A picture on the GPU: one unsigned integer a pixel, the raw value of the PixelFormat, so that
// raster operations are exact. The bits of a1 take a byte each. Row 0 is the top one.

#include <cstdint>

#include "render/raster/bitmap.h"

namespace cassia::raster::gl {

/// Owns a texture and the framebuffer that draws on it. Used on the thread that holds the context.
class Texture {
 public:
  Texture() = default;
  Texture(Texture&& other) noexcept;
  Texture& operator=(Texture&& other) noexcept;
  ~Texture();

  static Result<Texture> create(Size size, PixelFormat format);

  bool empty() const { return texture_ == 0; }
  unsigned id() const { return texture_; }
  unsigned framebuffer() const { return framebuffer_; }
  Size size() const { return size_; }
  PixelFormat format() const { return format_; }
  std::size_t byte_size() const;

  void clear();
  /// Writes `area` of `bitmap`, which has as many bits a pixel as this texture, at `at`.
  void upload(const Bitmap& bitmap, const Rect& area, Point at);
  Result<Bitmap> download(const Rect& area) const;
  /// Copies `area` of this texture to `at` of another of the same bits a pixel.
  void copy_to(const Texture& target, const Rect& area, Point at) const;

 private:
  unsigned texture_ = 0;
  unsigned framebuffer_ = 0;
  Size size_;
  PixelFormat format_ = PixelFormat::xrgb32;
};

}  // namespace cassia::raster::gl
