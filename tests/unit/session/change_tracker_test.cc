// SPDX-License-Identifier: Apache-2.0
// A window that follows a surface by moves and repaints alone must always show the surface.
#include "client/session/change_tracker.h"

#include <gtest/gtest.h>

#include <random>

#include "client/session/screen.h"

namespace cassia::client {
namespace {

using raster::Bitmap;
using raster::Point;
using raster::Rect;
using raster::Region;

constexpr raster::Size size{400, 300};

DisplayChange draw(const Rect& box, raster::Operation operation,
                   std::optional<std::vector<Rect>> clip = {}) {
  auto op = std::make_shared<raster::DrawOp>();
  op->box = box;
  op->clip.rects = std::move(clip);
  op->operation = std::move(operation);
  return Drawn{op};
}

/// What a window's own pixels become.
void follow(Bitmap& window, const Changes& changes, const Bitmap& picture) {
  if (changes.scroll) {
    const Bitmap before = *window.copy();
    const Rect to = changes.scroll->to, from = changes.scroll->from();
    ASSERT_TRUE(Rect::of(window.size()).contains(to));
    ASSERT_TRUE(Rect::of(window.size()).contains(from));
    for (std::int32_t y = 0; y < to.height(); ++y) {
      std::copy_n(before.row32(from.top + y) + from.left, to.width(),
                  window.row32(to.top + y) + to.left);
    }
  }
  for (const Rect& r : changes.damage.rects()) {
    for (std::int32_t y = r.top; y < r.bottom; ++y) {
      std::copy_n(picture.row32(y) + r.left, r.width(), window.row32(y) + r.left);
    }
  }
}

class ChangeTrackerTest : public testing::Test {
 protected:
  ChangeTrackerTest() { screen_.apply(SurfaceCreated{{.id = 0, .size = size, .primary = true}}); }
  int number(int low, int high) { return std::uniform_int_distribution(low, high)(random_); }
  Rect rect() {
    const int x = number(-20, size.width), y = number(-20, size.height);
    return {x, y, x + number(1, 400), y + number(1, 300)};
  }
  void step() {
    if (number(0, 2) == 0) {
      const int x = number(0, 390), y = number(0, 290);
      screen_.apply(draw({x, y, x + number(1, 60), y + number(1, 60)},
                         raster::Fill{.brush = static_cast<raster::Color>(number(0, 0xffffff))}));
      return;
    }
    std::optional<std::vector<Rect>> clip;
    if (number(0, 5) == 0) clip = {{rect(), rect()}};
    // Mostly one area that scrolls one way, as guests do.
    const bool usual = number(0, 3) != 0;
    const Rect box = usual ? Rect{10, 10, 390, 270} : rect();
    const Point offset = usual ? Point{0, -13} : Point{number(-40, 40), number(-40, 40)};
    screen_.apply(
        draw(box, raster::CopyBits{{box.left - offset.x, box.top - offset.y}}, std::move(clip)));
  }

  std::mt19937 random_{7};
  ManualClock clock_;
  std::unique_ptr<raster::Canvas> canvas_ = raster::make_reference_canvas();
  Screen screen_{*canvas_, clock_};
};

TEST_F(ChangeTrackerTest, MovesAndRepaintsGiveThePicture) {
  Bitmap window = *Bitmap::create_cleared(size, raster::PixelFormat::xrgb32);
  int scrolls = 0;
  for (int frame = 0; frame < 150; ++frame) {
    if (frame % 50 == 0) {  // something to see in every place
      for (int i = 0; i < 200; ++i) {
        const int x = number(0, 399), y = number(0, 299);
        screen_.apply(draw({x, y, x + number(1, 30), y + number(1, 30)},
                           raster::Fill{.brush = static_cast<raster::Color>(number(0, 0xffffff))}));
      }
    }
    for (int i = number(0, 4); i >= 0; --i) step();
    const Changes changes = screen_.take_changes();
    scrolls += changes.scroll ? 1 : 0;
    const Bitmap picture = *screen_.snapshot();
    follow(window, changes, picture);
    ASSERT_TRUE(raster::same_pixels(window, picture)) << "frame " << frame;
  }
  EXPECT_GT(scrolls, 20);
}

TEST_F(ChangeTrackerTest, AScrollOfAllRepaintsOnlyWhatCameIn) {
  screen_.take_changes();
  for (int i = 0; i < 3; ++i) screen_.apply(draw({0, 0, 400, 287}, raster::CopyBits{{0, 13}}));
  screen_.apply(draw({0, 287, 400, 300}, raster::Fill{.brush = raster::Color{5}}));
  const Changes changes = screen_.take_changes();
  EXPECT_EQ(changes.scroll, (Scroll{{0, 0, 400, 261}, {0, -39}}));
  EXPECT_EQ(changes.damage, Region(Rect{0, 261, 400, 300}));
  EXPECT_TRUE(screen_.take_changes().empty());
}

TEST_F(ChangeTrackerTest, AMonitorInTheMiddleSeesItsPart) {
  Changes changes;
  changes.scroll = Scroll{{0, 0, 400, 280}, {0, -20}};
  changes.damage.add(Rect{0, 280, 400, 300});
  changes = within(std::move(changes), {100, 50, 350, 250});
  EXPECT_EQ(changes.scroll, (Scroll{{0, 0, 250, 180}, {0, -20}}));
  EXPECT_EQ(changes.damage, Region(Rect{0, 180, 250, 200}));
}

}  // namespace
}  // namespace cassia::client
