// SPDX-License-Identifier: Apache-2.0
#include "client/app/guest_cursor.h"

#include <gtest/gtest.h>

namespace cassia::client {
namespace {

using raster::Bitmap;
using raster::PixelFormat;
using raster::Rect;

CursorSet shape(bool visible) {
  CursorSet event;
  auto shape = std::make_shared<channels::CursorShape>();
  shape->hot_x = 1;
  shape->hot_y = 2;
  event.state.shape = shape;
  event.state.position = {10, 10};
  event.state.visible = visible;
  event.picture = *Bitmap::create({4, 4}, PixelFormat::argb32);
  for (int y = 0; y < 4; ++y) std::fill_n(event.picture.row32(y), 4, 0x80800000u);  // half red
  return event;
}

TEST(GuestCursor, IsDrawnAtItsHotSpotAndBlended) {
  GuestCursor cursor;
  cursor.set(shape(true));
  EXPECT_EQ(cursor.box(), (Rect{9, 8, 13, 12}));
  Bitmap target = *Bitmap::create_cleared({20, 20}, PixelFormat::xrgb32);
  cursor.draw(target, {5, 5});
  EXPECT_EQ(target.row32(3)[4] & 0xFFFFFF, 0x800000u);
  EXPECT_EQ(target.row32(7)[4] & 0xFFFFFF, 0u);
  EXPECT_EQ(target.row32(2)[4] & 0xFFFFFF, 0u);
}

TEST(GuestCursor, HidesAndShowsAgainWhenItMoves) {
  GuestCursor cursor;
  EXPECT_FALSE(cursor.visible());
  cursor.move({3, 3});
  EXPECT_FALSE(cursor.visible());  // it has no shape
  cursor.set(shape(true));
  cursor.hide();
  EXPECT_TRUE(cursor.box().empty());
  EXPECT_TRUE(cursor.has_shape());
  cursor.move({50, 60});
  EXPECT_EQ(cursor.box().origin(), (raster::Point{49, 58}));
}

}  // namespace
}  // namespace cassia::client
