// SPDX-License-Identifier: Apache-2.0
#pragma once

// Pixels in memory. Rows run top to bottom; a row starts `stride` bytes after the one above and is
// a multiple of 4 bytes long, as pixman wants it. Pixels are native (little) endian.

#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/result.h"
#include "render/raster/geometry.h"

namespace cassia::raster {

/// The surface formats of SPICE (enum SpiceSurfaceFmt), which are pixman's too.
enum class PixelFormat : std::uint8_t {
  a1,      ///< 1 bit, least significant bit first within each 32-bit word (pixman a1)
  a8,      ///< 8 bits of alpha (or gray)
  rgb555,  ///< x1r5g5b5
  rgb565,  ///< r5g6b5
  xrgb32,  ///< x8r8g8b8; x is undefined and never compared
  argb32,  ///< a8r8g8b8, colour premultiplied by alpha
};

int bits_per_pixel(PixelFormat format);

/// No picture of a SPICE session is larger than this on a side, whatever a peer states.
inline constexpr std::int32_t max_side = 16384;
/// ... nor in total: 256 MiB of pixels.
inline constexpr std::size_t max_bitmap_bytes = std::size_t{256} << 20;

/// Pixels with shared ownership: copying a Bitmap copies a pointer. A Bitmap that others can see is
/// not written to; make one, fill it, then share it (as `BitmapPtr`). Safe to read from any thread.
class Bitmap {
 public:
  Bitmap() = default;

  /// Uninitialised pixels. Refuses sizes beyond max_side / max_bitmap_bytes.
  static Result<Bitmap> create(Size size, PixelFormat format);
  /// All bytes zero.
  static Result<Bitmap> create_cleared(Size size, PixelFormat format);
  /// A window on pixels that `owner` keeps alive.
  static Bitmap wrap(Size size, PixelFormat format, std::int32_t stride, std::uint8_t* pixels,
                     std::shared_ptr<const void> owner);

  bool empty() const { return pixels_ == nullptr; }
  Size size() const { return size_; }
  std::int32_t width() const { return size_.width; }
  std::int32_t height() const { return size_.height; }
  PixelFormat format() const { return format_; }
  std::int32_t stride() const { return stride_; }

  const std::uint8_t* row(std::int32_t y) const {
    return pixels_ + static_cast<std::ptrdiff_t>(y) * stride_;
  }
  std::uint8_t* row(std::int32_t y) { return pixels_ + static_cast<std::ptrdiff_t>(y) * stride_; }
  const std::uint32_t* row32(std::int32_t y) const {
    return reinterpret_cast<const std::uint32_t*>(row(y));
  }
  std::uint32_t* row32(std::int32_t y) { return reinterpret_cast<std::uint32_t*>(row(y)); }

  std::size_t byte_size() const { return static_cast<std::size_t>(stride_) * size_.height; }

  /// A window on `area` (inside the bitmap; for a1 its left must be a multiple of 32): no copy.
  Bitmap view(const Rect& area) const;
  /// A deep copy of `area`, or of all.
  Result<Bitmap> copy(const Rect& area) const;
  Result<Bitmap> copy() const { return copy(Rect::of(size_)); }

 private:
  std::shared_ptr<const void> owner_;
  std::uint8_t* pixels_ = nullptr;
  Size size_;
  std::int32_t stride_ = 0;
  PixelFormat format_ = PixelFormat::xrgb32;
};

using BitmapPtr = std::shared_ptr<const Bitmap>;

/// True if both have the same size and visible pixels (the x of xrgb32 and rgb555 is ignored;
/// formats may differ between xrgb32 and argb32 only when alpha is all 255).
bool same_pixels(const Bitmap& a, const Bitmap& b);

}  // namespace cassia::raster
