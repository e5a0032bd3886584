// SPDX-License-Identifier: Apache-2.0
// Presents of the damage alone, and scrolls that the X server carries out, against `xwd -root`.

#include <SDL.h>
#include <gtest/gtest.h>
#include <xcb/xcb.h>

#include <cstdlib>
#include <random>

#include "client/app/viewer_window.h"
#include "tests/support/wait.h"
#include "tests/support/x_server.h"

namespace cassia::client {
namespace {

using raster::Rect;
using raster::Size;
using test::Picture;

DisplayChange draw(const Rect& box, raster::Operation operation) {
  auto op = std::make_shared<raster::DrawOp>();
  op->box = box;
  op->operation = std::move(operation);
  return Drawn{op};
}

/// Another program's window over ours.
class Cover {
 public:
  explicit Cover(const Rect& where) : connection_(xcb_connect(nullptr, nullptr)) {
    const xcb_screen_t* screen = xcb_setup_roots_iterator(xcb_get_setup(connection_)).data;
    window_ = xcb_generate_id(connection_);
    const std::uint32_t values[] = {screen->black_pixel, 1};
    xcb_create_window(connection_, XCB_COPY_FROM_PARENT, window_, screen->root,
                      static_cast<std::int16_t>(where.left), static_cast<std::int16_t>(where.top),
                      static_cast<std::uint16_t>(where.width()),
                      static_cast<std::uint16_t>(where.height()), 0, XCB_WINDOW_CLASS_INPUT_OUTPUT,
                      screen->root_visual, XCB_CW_BACK_PIXEL | XCB_CW_OVERRIDE_REDIRECT, values);
    xcb_map_window(connection_, window_);
    std::free(xcb_get_input_focus_reply(connection_, xcb_get_input_focus(connection_), nullptr));
  }
  ~Cover() { xcb_disconnect(connection_); }

 private:
  xcb_connection_t* connection_;
  xcb_window_t window_;
};

class Present : public testing::Test {
 protected:
  void SetUp() override {
    auto server = test::XServer::start_xvfb(1000, 800);
    ASSERT_TRUE(server) << server.error().message();
    server_ = std::move(*server);
    ::setenv("DISPLAY", server_->display().c_str(), 1);
    ::setenv("SDL_VIDEODRIVER", "x11", 1);
    ViewerOptions options;
    options.renderer = RendererChoice::cairo;
    auto window = ViewerWindow::create(options);
    ASSERT_TRUE(window) << window.error().message();
    window_ = std::move(*window);
    screen_.emplace(window_->canvas(), clock_);
    show({700, 500});
  }
  void TearDown() override {
    screen_.reset();
    window_.reset();
  }

  SDL_Window* sdl() const { return SDL_GetWindowFromID(1); }
  /// The guest's screen is of this size from now on, and so is the window.
  void show(Size size) {
    screen_->apply(SurfaceCreated{{.id = 0, .size = size, .primary = true}});
    screen_->apply(DisplayMarked{});
    for (int i = 0; i < 300; ++i) fill();
    window_->picture_resized(size);
    SDL_SetWindowPosition(sdl(), 100, 100);
    ASSERT_TRUE(test::wait_until([&] { return settles(), same(); }))
        << "the window does not come to show the picture";
  }
  void settles() {
    SDL_Event event;
    while (SDL_PollEvent(&event) != 0) {
      if (event.type != SDL_WINDOWEVENT) continue;
      if (event.window.event == SDL_WINDOWEVENT_EXPOSED ||
          event.window.event == SDL_WINDOWEVENT_SIZE_CHANGED) {
        window_->invalidate();
      }
    }
    present();
  }
  void present() {
    WindowContents contents;
    contents.screen = &*screen_;
    const auto drawn = window_->draw(contents, clock_.now());
    ASSERT_TRUE(drawn) << drawn.error().message();
  }
  /// Does the X server's screen show the canvas where the window is, outside `covered`?
  bool same(const Rect& covered = {}) {
    const auto root = server_->screen();
    const auto picture = screen_->snapshot();
    int x = 0, y = 0;
    SDL_GetWindowPosition(sdl(), &x, &y);
    if (!root || !picture) return false;
    for (std::int32_t j = 0; j < picture->height(); ++j) {
      for (std::int32_t i = 0; i < picture->width(); ++i) {
        if (covered.contains(raster::Point{x + i, y + j})) continue;
        const std::uint8_t* seen = root->pixel(x + i, y + j);
        const std::uint32_t pixel = picture->row32(j)[i];
        const std::uint32_t rgb = std::uint32_t{seen[0]} << 16 | seen[1] << 8 | seen[2];
        if ((pixel & 0xffffff) != rgb) return false;
      }
    }
    return true;
  }
  int number(int low, int high) { return std::uniform_int_distribution(low, high)(random_); }
  void fill() {
    const Size size = screen_->area().size();
    const int x = number(0, size.width - 1), y = number(0, size.height - 1);
    screen_->apply(draw({x, y, x + number(1, 80), y + number(1, 80)},
                        raster::Fill{.brush = static_cast<raster::Color>(number(0, 0xffffff))}));
  }
  void scroll(int dx, int dy) {
    const Rect whole = Rect::of(screen_->area().size());
    const Rect to = whole.intersected(whole.translated(dx, dy));
    screen_->apply(draw(to, raster::CopyBits{{to.left - dx, to.top - dy}}));
  }

  std::unique_ptr<test::XServer> server_;
  SteadyClock clock_;
  std::unique_ptr<ViewerWindow> window_;
  std::optional<Screen> screen_;
  std::mt19937 random_{3};
};

TEST_F(Present, DamageAndScrollsShowTheCanvas) {
  for (int frame = 0; frame < 20; ++frame) {
    for (int i = number(0, 3); i > 0; --i) fill();
    if (number(0, 2) != 0) {
      for (int i = number(1, 3); i > 0; --i) scroll(number(-30, 30), number(-90, 90));
    }
    for (int i = number(0, 3); i > 0; --i) fill();
    present();
    ASSERT_TRUE(same()) << "frame " << frame;
  }
}

TEST_F(Present, ScrollsUnderAnotherWindowAreMadeGood) {
  const Rect where{300, 250, 500, 450};
  {
    const Cover cover(where);
    for (int frame = 0; frame < 8; ++frame) {
      scroll(number(-20, 20), frame % 2 == 0 ? -70 : 60);
      fill();
      present();
      ASSERT_TRUE(same(where)) << "frame " << frame;
    }
    ASSERT_FALSE(same()) << "nothing was covered";
  }
  EXPECT_TRUE(test::wait_until([&] { return settles(), same(); })) << "what was covered is stale";
}

TEST_F(Present, AnotherSizeShowsTheCanvas) {
  for (const Size size : {Size{400, 300}, Size{801, 601}, Size{640, 480}}) {
    show(size);
    scroll(0, -33);
    fill();
    present();
    ASSERT_TRUE(same()) << size.width << "x" << size.height;
  }
}

}  // namespace
}  // namespace cassia::client
