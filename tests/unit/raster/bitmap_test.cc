// SPDX-License-Identifier: Apache-2.0
#include "render/raster/bitmap.h"

#include <gtest/gtest.h>

#include "render/raster/canvas_base.h"
#include "render/raster/pixel_ops.h"

namespace cassia::raster {
namespace {

TEST(Bitmap, RefusesImpossibleSizes) {
  EXPECT_FALSE(Bitmap::create({-1, 4}, PixelFormat::xrgb32));
  EXPECT_FALSE(Bitmap::create({max_side + 1, 1}, PixelFormat::a1));
  EXPECT_FALSE(Bitmap::create({max_side, max_side}, PixelFormat::xrgb32));
  EXPECT_TRUE(Bitmap::create({max_side, max_side}, PixelFormat::a1));
  EXPECT_TRUE(Bitmap::create({0, 0}, PixelFormat::xrgb32));
}

TEST(Bitmap, RowsAreMultiplesOfFourBytes) {
  for (PixelFormat format : {PixelFormat::a1, PixelFormat::a8, PixelFormat::rgb565}) {
    EXPECT_EQ(Bitmap::create({33, 2}, format)->stride() % 4, 0);
  }
  EXPECT_EQ(Bitmap::create({33, 2}, PixelFormat::a1)->stride(), 8);
}

TEST(Bitmap, CopiesAnyPartOfAnyFormat) {
  for (PixelFormat format : {PixelFormat::a1, PixelFormat::a8, PixelFormat::rgb555,
                             PixelFormat::rgb565, PixelFormat::xrgb32}) {
    Bitmap bitmap = Bitmap::create_cleared({40, 5}, format).value();
    set_pixel(bitmap, {11, 3}, ~0u);
    const Bitmap part = bitmap.copy(Rect{10, 2, 39, 5}).value();
    EXPECT_EQ(part.size(), (Size{29, 3}));
    EXPECT_NE(pixel_at(part, {1, 1}), 0u);
    set_pixel(bitmap, {11, 3}, 0);
    EXPECT_NE(pixel_at(part, {1, 1}), 0u) << "a copy shares nothing";
    EXPECT_FALSE(bitmap.copy(Rect{10, 2, 41, 5}));
  }
}

TEST(Bitmap, SamePixelsLooksAtWhatIsVisible) {
  Bitmap a = Bitmap::create_cleared({3, 1}, PixelFormat::xrgb32).value();
  Bitmap b = a.copy().value();
  b.row32(0)[1] = 0x77000000;
  EXPECT_TRUE(same_pixels(a, b));
  b.row32(0)[1] = 1;
  EXPECT_FALSE(same_pixels(a, b));
  Bitmap c = Bitmap::create_cleared({3, 1}, PixelFormat::argb32).value();
  EXPECT_FALSE(same_pixels(a, c)) << "transparent is not black";
  for (int x = 0; x < 3; ++x) c.row32(0)[x] = 0xff000000;
  EXPECT_TRUE(same_pixels(a, c));
}

TEST(Bitmap, ConvertsBetweenFormats) {
  Bitmap bitmap = Bitmap::create_cleared({1, 1}, PixelFormat::xrgb32).value();
  bitmap.row32(0)[0] = 0x00ff8042;
  EXPECT_EQ(pixel_at(convert(bitmap, PixelFormat::rgb565).value(), {0, 0}), to_rgb565(0xff8042));
  EXPECT_EQ(pixel_at(convert(bitmap, PixelFormat::rgb555).value(), {0, 0}), to_rgb555(0xff8042));
  EXPECT_EQ(pixel_at(convert(bitmap, PixelFormat::argb32).value(), {0, 0}), 0xffff8042u);
  EXPECT_EQ(opaque_argb(0x7fff, PixelFormat::rgb555), 0xffffffffu);
  EXPECT_EQ(opaque_argb(0x07e0, PixelFormat::rgb565), 0xff00ff00u);
}

}  // namespace
}  // namespace cassia::raster
