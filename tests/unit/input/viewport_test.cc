// SPDX-License-Identifier: Apache-2.0
#include "client/input/viewport.h"

#include <gtest/gtest.h>

namespace cassia::client {
namespace {

using raster::Point;
using raster::Rect;

TEST(Viewport, KeepsTheAspectInTheMiddle) {
  const Viewport wide = Viewport::fit({400, 300}, {1000, 300});
  EXPECT_EQ(wide.area(), (Rect{300, 0, 700, 300}));
  EXPECT_TRUE(wide.exact());
  const Viewport tall = Viewport::fit({400, 300}, {200, 400});
  EXPECT_EQ(tall.area(), (Rect{0, 125, 200, 275}));
  EXPECT_FALSE(tall.exact());
  EXPECT_EQ(Viewport::fit({400, 300}, {800, 600}).area(), (Rect{0, 0, 800, 600}));
  EXPECT_EQ(Viewport::fit({400, 300}, {800, 600}, false).area(), (Rect{200, 150, 600, 450}));
}

TEST(Viewport, MapsPositionsAndHoldsThemInside) {
  const Viewport v = Viewport::fit({400, 300}, {800, 700});
  EXPECT_EQ(v.to_guest({0, 50}), (Point{0, 0}));
  EXPECT_EQ(v.to_guest({799, 649}), (Point{399, 299}));
  EXPECT_EQ(v.to_guest({-5, 10}), (Point{0, 0}));
  EXPECT_EQ(v.to_guest({5000, 5000}), (Point{399, 299}));
}

TEST(Viewport, DamageCoversEveryPixelItMayTouch) {
  const Viewport exact = Viewport::fit({400, 300}, {400, 300});
  EXPECT_EQ(exact.to_window({10, 20, 30, 40}), (Rect{10, 20, 30, 40}));
  const Viewport half = Viewport::fit({400, 300}, {200, 150});
  EXPECT_TRUE(half.to_window({11, 21, 13, 23}).contains(Rect{5, 10, 7, 12}));
  EXPECT_EQ(half.to_window({0, 0, 400, 300}), (Rect{0, 0, 200, 150}));
}

TEST(Viewport, EmptySizesGiveNothing) {
  EXPECT_TRUE(Viewport::fit({0, 0}, {800, 600}).area().empty());
  EXPECT_EQ(Viewport::fit({400, 300}, {0, 0}).to_guest({5, 5}), (Point{0, 0}));
}

}  // namespace
}  // namespace cassia::client
