// SPDX-License-Identifier: Apache-2.0
#pragma once

// One alpha-blended, textured triangle, with the fill rule of GPUs (a pixel belongs to a triangle
// if its centre lies inside; shared edges belong to one of the two: the top-left rule).

#include <cstdint>
#include <span>

#include "render/raster/bitmap.h"

namespace cassia::client {

struct TriangleVertex {
  float x = 0, y = 0;
  float u = 0, v = 0;       ///< 0..1 over the texture
  std::uint32_t color = 0;  ///< 0xAABBGGRR, not premultiplied (ImGui's order)
};

/// Alpha only: a texel multiplies the vertex colour's alpha.
struct CoverageTexture {
  std::span<const std::uint8_t> texels;
  raster::Size size;
};

struct TriangleTarget {
  raster::Bitmap& pixels;  ///< 32 bits a pixel
  raster::Rect clip;       ///< inside the bitmap
};

void draw_triangle(TriangleTarget& target, const CoverageTexture& texture, const TriangleVertex& a,
                   const TriangleVertex& b, const TriangleVertex& c);

}  // namespace cassia::client
