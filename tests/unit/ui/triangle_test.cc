// SPDX-License-Identifier: Apache-2.0
#include "client/ui/triangle.h"

#include <gtest/gtest.h>

namespace cassia::client {
namespace {

using raster::Bitmap;
using raster::PixelFormat;
using raster::Rect;

constexpr std::uint8_t full_texel[] = {255};
const CoverageTexture full{full_texel, {1, 1}};

Bitmap black(raster::Size size) { return *Bitmap::create_cleared(size, PixelFormat::xrgb32); }

void draw_quad(Bitmap& bitmap, float l, float t, float r, float b, std::uint32_t color) {
  TriangleTarget target{bitmap, Rect::of(bitmap.size())};
  const TriangleVertex a{l, t, 0, 0, color}, c{r, t, 0, 0, color}, d{r, b, 0, 0, color},
      e{l, b, 0, 0, color};
  draw_triangle(target, full, a, c, d);
  draw_triangle(target, full, a, d, e);
}

TEST(Triangle, TwoOfThemAreARectangle) {
  Bitmap bitmap = black({8, 8});
  draw_quad(bitmap, 2, 3, 6, 7, 0xFF0080FF);  // ABGR: red 255, green 128
  for (int y = 0; y < 8; ++y) {
    for (int x = 0; x < 8; ++x) {
      const bool inside = x >= 2 && x < 6 && y >= 3 && y < 7;
      EXPECT_EQ(bitmap.row32(y)[x] & 0xFFFFFF, inside ? 0xFF8000u : 0u) << x << "," << y;
    }
  }
}

TEST(Triangle, ASharedEdgeIsDrawnOnce) {
  // Half transparent: a pixel that both triangles drew would be brighter than the rest.
  Bitmap bitmap = black({37, 29});
  draw_quad(bitmap, 0, 0, 37, 29, 0x80FFFFFF);
  const std::uint32_t first = bitmap.row32(0)[0] & 0xFFFFFF;
  EXPECT_EQ(first, 0x808080u);
  for (int y = 0; y < 29; ++y) {
    for (int x = 0; x < 37; ++x) ASSERT_EQ(bitmap.row32(y)[x] & 0xFFFFFF, first) << x << "," << y;
  }
}

TEST(Triangle, EitherWindingIsDrawn) {
  Bitmap bitmap = black({4, 4});
  TriangleTarget target{bitmap, Rect::of(bitmap.size())};
  draw_triangle(target, full, {0, 0, 0, 0, ~0u}, {0, 4, 0, 0, ~0u}, {4, 0, 0, 0, ~0u});
  EXPECT_EQ(bitmap.row32(0)[0] & 0xFFFFFF, 0xFFFFFFu);
  EXPECT_EQ(bitmap.row32(3)[3] & 0xFFFFFF, 0u);
}

TEST(Triangle, StaysInsideTheClip) {
  Bitmap bitmap = black({6, 6});
  TriangleTarget target{bitmap, {2, 2, 4, 4}};
  draw_triangle(target, full, {-100, -100, 0, 0, ~0u}, {1e9f, -100, 0, 0, ~0u},
                {-100, 1e9f, 0, 0, ~0u});
  for (int y = 0; y < 6; ++y) {
    for (int x = 0; x < 6; ++x) {
      const bool inside = x >= 2 && x < 4 && y >= 2 && y < 4;
      EXPECT_EQ(bitmap.row32(y)[x] & 0xFFFFFF, inside ? 0xFFFFFFu : 0u);
    }
  }
}

TEST(Triangle, ColoursRunBetweenTheCorners) {
  Bitmap bitmap = black({256, 1});
  TriangleTarget target{bitmap, Rect::of(bitmap.size())};
  draw_triangle(target, full, {0, -1, 0, 0, 0xFF000000}, {512, 0, 0, 0, 0xFFFFFFFF},
                {0, 2, 0, 0, 0xFF000000});
  std::uint32_t before = 0;
  for (int x = 0; x < 256; ++x) {
    const std::uint32_t red = (bitmap.row32(0)[x] >> 16) & 0xFF;
    EXPECT_GE(red, before);
    EXPECT_NEAR(red, x * 255.0 / 512, 2);
    before = red;
  }
}

}  // namespace
}  // namespace cassia::client
