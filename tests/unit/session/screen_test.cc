// SPDX-License-Identifier: Apache-2.0
#include "client/session/screen.h"

#include <gtest/gtest.h>

namespace cassia::client {
namespace {

using namespace std::chrono_literals;
using raster::Bitmap;
using raster::PixelFormat;
using raster::Rect;

SurfaceCreated primary(raster::Size size, PixelFormat format = PixelFormat::xrgb32) {
  return {{.id = 0, .size = size, .format = format, .primary = true}};
}

Drawn fill(const Rect& box, raster::Color color, raster::SurfaceId surface = 0) {
  auto op = std::make_shared<raster::DrawOp>();
  op->surface = surface;
  op->box = box;
  op->operation = raster::Fill{.brush = color};
  return {op};
}

class ScreenTest : public testing::Test {
 protected:
  std::uint32_t pixel(std::int32_t x, std::int32_t y) {
    return screen_.snapshot()->row32(y)[x] & 0xFFFFFF;
  }

  ManualClock clock_;
  std::unique_ptr<raster::Canvas> canvas_ = raster::make_reference_canvas();
  Screen screen_{*canvas_, clock_};
};

TEST_F(ScreenTest, IsCompleteOnceMarkedAndDrawnOn) {
  EXPECT_FALSE(screen_.snapshot());
  screen_.apply(primary({64, 48}));
  EXPECT_FALSE(screen_.complete());
  screen_.apply(fill({0, 0, 64, 48}, 0x112233));
  EXPECT_FALSE(screen_.complete());
  screen_.apply(DisplayMarked{});
  EXPECT_TRUE(screen_.complete());
  EXPECT_EQ(pixel(5, 5), 0x112233u);

  screen_.apply(SurfaceDestroyed{0});
  EXPECT_FALSE(screen_.complete());
  screen_.apply(primary({32, 32}));
  screen_.apply(DisplayMarked{});
  EXPECT_FALSE(screen_.complete());
  screen_.apply(fill({0, 0, 1, 1}, 0x112233));
  EXPECT_TRUE(screen_.complete());
}

TEST_F(ScreenTest, RemembersWhenItLastChanged) {
  clock_.advance(5s);
  screen_.apply(primary({64, 48}));
  const TimePoint then = clock_.now();
  clock_.advance(3s);
  EXPECT_EQ(screen_.last_change(), then);
}

TEST_F(ScreenTest, DamageIsInTheMonitorsCoordinates) {
  screen_.apply(primary({100, 100}));
  screen_.apply(MonitorsSet{{.heads = {{.surface = 0, .area = {20, 10, 80, 90}}}}});
  EXPECT_EQ(screen_.area(), (Rect{20, 10, 80, 90}));
  EXPECT_EQ(screen_.take_damage().bounds(), (Rect{0, 0, 60, 80}));  // all of it, at first
  screen_.apply(fill({10, 20, 30, 40}, 0xFF));
  EXPECT_EQ(screen_.take_damage().bounds(), (Rect{0, 10, 10, 30}));
  EXPECT_TRUE(screen_.take_damage().empty());
  EXPECT_EQ(screen_.snapshot()->size(), (raster::Size{60, 80}));
}

TEST_F(ScreenTest, AMonitorOutsideTheSurfaceIsNotBelieved) {
  screen_.apply(primary({100, 100}));
  screen_.apply(MonitorsSet{{.heads = {{.surface = 0, .area = {0, 0, 640, 480}}}}});
  EXPECT_EQ(screen_.area(), (Rect{0, 0, 100, 100}));
}

TEST_F(ScreenTest, ADrawThatFailsIsCountedAndTheRestGoesOn) {
  screen_.apply(primary({64, 48}));
  screen_.apply(fill({0, 0, 4, 4}, 0xFF, 9));
  EXPECT_EQ(screen_.failures(), 1u);
  screen_.apply(fill({0, 0, 4, 4}, 0xFF));
  EXPECT_EQ(screen_.draws(), 1u);
  EXPECT_EQ(pixel(0, 0), 0xFFu);
}

TEST_F(ScreenTest, StreamsDrawInsideTheirClip) {
  screen_.apply(primary({64, 48}));
  channels::StreamInfo stream;
  stream.id = 3;
  stream.dest = {0, 0, 16, 16};
  screen_.apply(StreamCreated{stream});
  screen_.apply(StreamClipped{3, {std::vector<Rect>{{0, 0, 8, 16}}}});
  auto picture = *Bitmap::create({16, 16}, PixelFormat::xrgb32);
  for (int y = 0; y < 16; ++y) std::fill_n(picture.row32(y), 16, 0xFF00FF00u);
  const auto shared = std::make_shared<Bitmap>(picture);
  screen_.apply(StreamPicture{3, {0, 0, 16, 16}, shared});
  EXPECT_EQ(pixel(7, 7), 0x00FF00u);
  EXPECT_EQ(pixel(8, 7), 0u);
  screen_.apply(StreamDestroyed{3});
  screen_.apply(StreamPicture{3, {0, 20, 16, 36}, shared});
  EXPECT_EQ(pixel(7, 27), 0u);
}

TEST_F(ScreenTest, SixteenBitSurfacesBecomeEightBitChannels) {
  screen_.apply(primary({4, 4}, PixelFormat::rgb565));
  screen_.apply(fill({0, 0, 4, 4}, (31u << 11) | (1u << 5) | 16u));
  EXPECT_EQ(pixel(0, 0), 0xFF0484u);
}

TEST_F(ScreenTest, ResetForgetsEverything) {
  screen_.apply(primary({64, 48}));
  screen_.apply(fill({0, 0, 4, 4}, 0xFF));
  screen_.apply(DisplayMarked{});
  screen_.apply(DisplayReset{});
  EXPECT_FALSE(screen_.surface());
  EXPECT_FALSE(canvas_->has_surface(0));
}

}  // namespace
}  // namespace cassia::client
