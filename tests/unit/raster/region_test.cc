// SPDX-License-Identifier: Apache-2.0
#include "render/raster/region.h"

#include <gtest/gtest.h>

namespace cassia::raster {
namespace {

TEST(Region, EmptyAndInvertedRectanglesAddNothing) {
  const std::vector<Rect> rects = {{5, 5, 5, 9}, {9, 9, 2, 2}, {0, 0, 1, 1}};
  const Region region{std::span<const Rect>(rects)};
  EXPECT_EQ(region.rects(), std::vector<Rect>({{0, 0, 1, 1}}));
  EXPECT_TRUE(Region(Rect{3, 3, 3, 3}).empty());
  EXPECT_TRUE(Region().add(Rect{4, 4, 1, 1}).empty());
}

TEST(Region, SetOperations) {
  Region region(Rect{0, 0, 10, 10});
  region.subtract(Rect{2, 2, 4, 4});
  EXPECT_FALSE(region.contains(Rect{0, 0, 10, 10}));
  EXPECT_TRUE(region.contains(Rect{5, 5, 10, 10}));
  EXPECT_FALSE(region.intersects(Rect{2, 2, 4, 4}));
  EXPECT_TRUE(region.intersects(Rect{3, 3, 5, 5}));
  region.add(Rect{2, 2, 4, 4});
  EXPECT_EQ(region, Region(Rect{0, 0, 10, 10}));
  region.intersect(Rect{8, 8, 20, 20}).translate(-8, -8);
  EXPECT_EQ(region.bounds(), (Rect{0, 0, 2, 2}));
}

TEST(Region, MovedFromIsEmptyAndCopiesAreApart) {
  Region a(Rect{1, 1, 3, 3});
  Region b = a;
  b.add(Rect{7, 7, 9, 9});
  EXPECT_EQ(a.rects().size(), 1u);
  const Region c = std::move(b);
  EXPECT_EQ(c.rects().size(), 2u);
  a = c;
  EXPECT_EQ(a, c);
  a.clear();
  EXPECT_TRUE(a.empty());
}

}  // namespace
}  // namespace cassia::raster
