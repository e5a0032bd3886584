// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>

#include "render/raster/canvas.h"
#include "server/display/pipeline.h"
#include "server/guest/demo_desktop.h"
#include "server/guest/demo_keyboard.h"

namespace cassia::server {
namespace {

/// Draws what the desktop says, and keeps count of the kinds of commands.
class Screen final : public GuestEvents {
 public:
  void guest_online(unsigned) override {}
  void guest_shown() override {}
  void guest_offline(const std::string&) override {}
  void guest_reset(DisplayId) override {}
  void guest_surface_create(DisplayId, const channels::SurfaceInfo& surface) override {
    pipeline_.surface_create(surface);
    ++surfaces_;
  }
  void guest_surface_destroy(DisplayId, raster::SurfaceId id) override {
    pipeline_.surface_destroy(id);
  }
  void guest_mark(DisplayId) override {}
  void guest_draw(DisplayId, raster::DrawOpPtr op) override {
    kinds_.insert(raster::name_of(op->operation));
    pipeline_.draw(std::move(op));
  }
  void guest_monitors(DisplayId, const channels::MonitorsConfig&) override {}
  void guest_cursor_set(DisplayId, const channels::CursorState&) override {}
  void guest_cursor_move(DisplayId, raster::Point) override {}
  void guest_cursor_hide(DisplayId) override {}
  void guest_mouse_mode(std::uint32_t, channels::MouseMode) override {}
  void guest_modifiers(std::uint16_t) override {}
  void guest_name(const std::string&) override {}
  void guest_uuid(const channels::Uuid&) override {}

  raster::Bitmap picture() { return pipeline_.picture().value(); }

  Pipeline pipeline_{raster::make_reference_canvas()};
  std::set<std::string> kinds_;
  int surfaces_ = 0;
};

class DemoDesktopTest : public testing::Test {
 protected:
  void SetUp() override { desktop_.start("12:34:56"); }

  void drag(raster::Point from, const std::vector<raster::Point>& path) {
    desktop_.pointer_moved(from);
    desktop_.button_down(from);
    for (const raster::Point point : path) desktop_.pointer_moved(point);
    desktop_.button_up();
  }

  Screen screen_;
  DemoDesktop desktop_{screen_, {1024, 768}};
};

constexpr raster::Point terminal_title{200, 150};

TEST_F(DemoDesktopTest, DrawsWithManyKindsOfCommandsOnSeveralSurfaces) {
  EXPECT_GE(screen_.surfaces_, 4);
  for (const char c : std::string("lines\n")) desktop_.type(c);
  for (const char* kind : {"draw_fill", "draw_copy", "draw_opaque", "draw_blend", "copy_bits"}) {
    EXPECT_EQ(screen_.kinds_.count(kind), 1u) << kind;
  }
}

TEST_F(DemoDesktopTest, DraggingAWindowThereAndBackLeavesTheSamePicture) {
  const raster::Bitmap before = screen_.picture();
  // Over the other windows, into the corners, and back.
  drag(terminal_title,
       {{500, 250}, {900, 500}, {2000, 2000}, {-500, -500}, {300, 700}, terminal_title});
  EXPECT_TRUE(raster::same_pixels(screen_.picture(), before));
}

TEST_F(DemoDesktopTest, ContentOfACoveredWindowStaysBehind) {
  drag(terminal_title, {{700, 70}});  // the terminal now covers the clock
  const raster::Bitmap before = screen_.picture();
  desktop_.set_clock("00:00:00");
  EXPECT_TRUE(raster::same_pixels(screen_.picture(), before));
  drag({700, 70}, {terminal_title});
  EXPECT_FALSE(raster::same_pixels(screen_.picture(), before));
}

TEST_F(DemoDesktopTest, TypingShowsAndBackspaceTakesItBack) {
  const raster::Bitmap before = screen_.picture();
  desktop_.type('x');
  EXPECT_FALSE(raster::same_pixels(screen_.picture(), before));
  desktop_.type('\b');
  desktop_.type('\b');  // the prompt itself stays
  EXPECT_TRUE(raster::same_pixels(screen_.picture(), before));
}

TEST_F(DemoDesktopTest, ClicksCountAndTheBoxTurnsThePhotoOver) {
  const raster::Point title{700, 430}, button{680, 480}, box{665, 515};
  drag(title, {});  // raise it
  const raster::Bitmap before = screen_.picture();
  drag(button, {});
  EXPECT_FALSE(raster::same_pixels(screen_.picture(), before));
  const raster::Bitmap clicked = screen_.picture();
  drag(box, {});
  EXPECT_FALSE(raster::same_pixels(screen_.picture(), clicked));
  drag(box, {});
  EXPECT_TRUE(raster::same_pixels(screen_.picture(), clicked));
}

TEST(DemoKeyboard, KnowsTheUsLayout) {
  DemoKeyboard keyboard;
  EXPECT_EQ(keyboard.key_down(0x1e), 'a');
  EXPECT_EQ(keyboard.key_down(0x1c), '\n');
  EXPECT_EQ(keyboard.key_down(0x0e), '\b');
  EXPECT_EQ(keyboard.key_down(0x39), ' ');
  EXPECT_EQ(keyboard.key_down(0x35), '/');
  EXPECT_EQ(keyboard.key_down(0x2a), '\0');
  EXPECT_EQ(keyboard.key_down(0x1e), 'A');
  EXPECT_EQ(keyboard.key_down(0x02), '!');
  EXPECT_EQ(keyboard.key_down(0x35), '?');
  keyboard.key_up(0x2a);
  keyboard.key_down(0x3a);
  EXPECT_EQ(keyboard.key_down(0x1e), 'A');
  EXPECT_EQ(keyboard.key_down(0x02), '1');
  EXPECT_EQ(keyboard.key_down(0x48e0), '\0');
  EXPECT_EQ(keyboard.key_down(0xffffffff), '\0');
}

}  // namespace
}  // namespace cassia::server
