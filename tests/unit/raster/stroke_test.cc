// SPDX-License-Identifier: Apache-2.0
#include "render/raster/stroke.h"

#include <gtest/gtest.h>
#include <spice/enums.h>

namespace cassia::raster {
namespace {

constexpr Rect canvas{0, 0, 40, 40};

Stroke line(std::vector<Point> points, std::uint8_t flags = SPICE_PATH_BEGIN | SPICE_PATH_END) {
  Stroke stroke;
  PathSegment segment;
  segment.flags = flags;
  for (const Point& p : points) segment.points.push_back({p.x * 16, p.y * 16});
  stroke.path.push_back(segment);
  return stroke;
}

std::vector<Region> layers(const Stroke& stroke, const Rect& clip = canvas, bool once = false) {
  return stroke_layers(stroke, Region(clip), once).value();
}

TEST(Stroke, LeavesOutTheLastPoint) {
  EXPECT_EQ(layers(line({{2, 3}, {7, 3}})).at(0), Region(Rect{2, 3, 7, 3 + 1}));
  EXPECT_EQ(layers(line({{7, 3}, {2, 3}})).at(0), Region(Rect{3, 3, 8, 3 + 1}));
  EXPECT_EQ(layers(line({{5, 9}, {5, 4}})).at(0), Region(Rect{5, 5, 6, 10}));
  EXPECT_TRUE(layers(line({{5, 9}, {5, 9}})).empty());
}

TEST(Stroke, FollowsBresenhamWithTheRuleForTies) {
  // Half way between two rows: an axial step first where x decreases, a diagonal one otherwise.
  const std::vector<Rect> down = {{0, 0, 1, 1}, {1, 1, 3, 2}, {3, 2, 4, 3}};
  EXPECT_EQ(layers(line({{0, 0}, {4, 2}})).at(0), Region(std::span<const Rect>(down)));
  const std::vector<Rect> back = {{3, 2, 5, 3}, {1, 1, 3, 2}};
  EXPECT_EQ(layers(line({{4, 2}, {0, 0}})).at(0), Region(std::span<const Rect>(back)));
}

TEST(Stroke, ClippingDoesNotMoveAPixel) {
  const Stroke steep = line({{-300, -77}, {500, 123}, {13, -200}, {20, 900}});
  const Region all = layers(steep, {-1000, -1000, 1000, 1000}, true).at(0);
  Region expected = all;
  expected.intersect(canvas);
  ASSERT_FALSE(expected.empty());
  EXPECT_EQ(layers(steep, canvas, true).at(0), expected);
}

TEST(Stroke, CrossingsMakeASecondLayer) {
  Stroke cross = line({{0, 10}, {20, 10}});
  cross.path.push_back(line({{10, 0}, {10, 20}}).path[0]);
  const auto both = layers(cross);
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[1], Region(Rect{10, 10, 11, 11}));
  EXPECT_EQ(layers(cross, canvas, true).size(), 1u);
}

TEST(Stroke, ClosedPathsReturn) {
  const auto box = layers(
      line({{2, 2}, {6, 2}, {6, 6}, {2, 6}}, SPICE_PATH_BEGIN | SPICE_PATH_END | SPICE_PATH_CLOSE));
  ASSERT_EQ(box.size(), 1u) << "every pixel once";
  EXPECT_TRUE(box[0].contains(Rect{2, 3, 3, 6}));
  EXPECT_FALSE(box[0].intersects(Rect{3, 3, 6, 6}));
}

TEST(Stroke, Dashes) {
  Stroke dashed = line({{0, 0}, {12, 0}});
  dashed.dashes = {3 * 16, 2 * 16};
  const std::vector<Rect> on = {{0, 0, 3, 1}, {5, 0, 8, 1}, {10, 0, 12, 1}};
  EXPECT_EQ(layers(dashed).at(0), Region(std::span<const Rect>(on)));
  dashed.dash_starts_with_gap = true;
  const std::vector<Rect> off = {{3, 0, 5, 1}, {8, 0, 10, 1}};
  EXPECT_EQ(layers(dashed).at(0), Region(std::span<const Rect>(off)));
}

TEST(Stroke, CurvesEndWhereTheyShould) {
  const auto curve = layers(line({{0, 0}, {0, 20}, {30, 20}, {30, 0}},
                                 SPICE_PATH_BEGIN | SPICE_PATH_END | SPICE_PATH_BEZIER));
  ASSERT_FALSE(curve.empty());
  EXPECT_TRUE(curve[0].contains(Rect{0, 0, 1, 1}));
  EXPECT_EQ(curve[0].bounds().bottom, 16);
  EXPECT_GE(curve[0].bounds().right, 30);
}

}  // namespace
}  // namespace cassia::raster
