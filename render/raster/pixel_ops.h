// SPDX-License-Identifier: Apache-2.0
#pragma once

// Row kernels of the memory canvases: fills, copies and raster operations on the raw values of
// pixels, for every PixelFormat. Rectangles must lie inside the bitmaps they name (callers clip).

#include <cstdint>

#include "render/raster/bitmap.h"
#include "render/raster/draw_op.h"

namespace cassia::raster {

/// f(S,D) of a binary raster operation as D & ((S & and_s) ^ xor_s) ^ ((S & and_r) ^ xor_r),
/// bitwise.
struct RopMasks {
  std::uint32_t and_s, xor_s, and_r, xor_r;

  explicit RopMasks(Rop rop) : RopMasks(static_cast<unsigned>(rop)) {}
  /// `code`: bit (S * 2 + D) is the result.
  explicit RopMasks(unsigned code);

  template <class T>
  T apply(T s, T d) const {
    return static_cast<T>((d & ((s & and_s) ^ xor_s)) ^ ((s & and_r) ^ xor_r));
  }
};

/// True if the result depends on the destination / on the source.
bool rop_reads_destination(Rop rop);
bool rop_reads_source(Rop rop);

/// Reads and writes one raw pixel value; for edges and tests, not for loops.
std::uint32_t pixel_at(const Bitmap& bitmap, Point at);
void set_pixel(Bitmap& bitmap, Point at, std::uint32_t value);

void fill_rect(Bitmap& target, const Rect& area, std::uint32_t value, Rop rop);

/// `tile` has the target's bits per pixel; its pixel (0,0) lies at `origin` of the target.
void tile_rect(Bitmap& target, const Rect& area, const Bitmap& tile, Point origin, Rop rop);

/// Source pixel of (x, y) is (x - offset.x, y - offset.y). The bitmaps do not share pixels.
void blit_rect(Bitmap& target, const Rect& area, const Bitmap& source, Point offset, Rop rop);

/// As blit_rect with Rop::copy, but leaves the target where the source's colour bits equal `key`.
void blit_color_key(Bitmap& target, const Rect& area, const Bitmap& source, Point offset,
                    std::uint32_t key);

/// Moves pixels within one bitmap; overlap behaves as if through a copy.
void move_rect(Bitmap& bitmap, const Rect& area, Point offset);

/// One operand of rop3_rect(): a solid value, or a tile.
struct Rop3Pattern {
  std::uint32_t value = 0;
  const Bitmap* tile = nullptr;
  Point origin;
};
/// Bit (P * 4 + S * 2 + D) of `code` is the result, as in Windows' ternary raster operations.
void rop3_rect(Bitmap& target, const Rect& area, const Bitmap& source, Point offset,
               const Rop3Pattern& pattern, std::uint8_t code);

/// `value` mod `size` in 0 .. size - 1, whatever the sign.
std::int32_t wrap_coordinate(std::int64_t value, std::int32_t size);

}  // namespace cassia::raster
