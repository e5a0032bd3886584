// SPDX-License-Identifier: Apache-2.0
#pragma once

// A picture of video as decoders give it: brightness and, at half the resolution, colour (ITU-T
// H.273, ITU-R BT.601 and 709). A canvas on the GPU converts it itself; others by to_bitmap(),
// which defines the answer.

#include <array>
#include <cstdint>
#include <memory>

#include "render/raster/bitmap.h"

namespace cassia::raster {

/// Immutable once shared.
struct VideoPlanes {
  enum class Layout : std::uint8_t {
    i420,  ///< Y, Cb, Cr; each a plane
    nv12,  ///< Y; Cb and Cr in turn
  };
  struct Plane {
    const std::uint8_t* data = nullptr;
    std::int32_t stride = 0;  ///< bytes, a multiple of 4, not below the row's length
  };
  /// R = (luma * (Y - black) + red_cr * (Cr - 128) + 0.5) >> 16, and so on: 16.16.
  struct Matrix {
    std::int32_t black = 0;
    std::int32_t luma = 65536;
    std::int32_t red_cr = 0, green_cb = 0, green_cr = 0, blue_cb = 0;

    /// `kr`, `kb`: the weights of red and blue in brightness; `full_range`: black is 0 and white
    /// 255, not 16 and 235.
    static Matrix of(double kr, double kb, bool full_range);
  };

  Layout layout = Layout::i420;
  Size size;
  std::array<Plane, 3> planes;
  Matrix matrix;
  /// Where colour is taken horizontally: at the left one of two pixels (MPEG), or between (JPEG).
  /// Vertically between, always.
  bool colour_between = false;
  bool bottom_up = false;             ///< the first row is the lowest one
  std::shared_ptr<const void> owner;  ///< of the memory

  Size colour_size() const { return {(size.width + 1) / 2, (size.height + 1) / 2}; }
};
using VideoPlanesPtr = std::shared_ptr<const VideoPlanes>;

inline std::size_t byte_size(const VideoPlanes& planes) {
  return static_cast<std::size_t>(planes.size.width) *
         static_cast<std::size_t>(planes.size.height) * 3 / 2;
}

/// xrgb32 with x = 255, top row first.
Result<Bitmap> to_bitmap(const VideoPlanes& planes);

}  // namespace cassia::raster
