// SPDX-License-Identifier: Apache-2.0
// The pointer and the size of the window, with the demo guest: absolute positions (client mode).

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/interop/window/desk.h"
#include "tests/support/programs.h"

namespace cassia::test {
namespace {

constexpr int guest_width = 1024, guest_height = 768;

struct Box {
  int left, top, right, bottom;
};
// The demo's button says how often it was clicked.
constexpr Box button{659, 461, 779, 493};
constexpr int button_x = 719, button_y = 477;

/// The smallest box that holds all differences, if there are any.
std::optional<Box> difference(const Picture& a, const Picture& b) {
  std::optional<Box> box;
  for (int y = 0; y < a.height; ++y) {
    for (int x = 0; x < a.width; ++x) {
      if (std::equal(a.pixel(x, y), a.pixel(x, y) + 3, b.pixel(x, y))) continue;
      if (!box) box = Box{x, y, x, y};
      box = Box{std::min(box->left, x), std::min(box->top, y), std::max(box->right, x),
                std::max(box->bottom, y)};
    }
  }
  return box;
}

class DemoWindow : public ::testing::Test {
 protected:
  void open(const std::vector<std::string>& viewer_options = {}) {
    auto gateway = Gateway::start({"--demo", "--demo-clock", "12:00:00"});
    ASSERT_TRUE(gateway) << gateway.error().message();
    gateway_ = std::move(*gateway);
    auto desk = Desk::open(gateway_->uri(), guest_width, guest_height, viewer_options);
    ASSERT_TRUE(desk) << desk.error().message();
    desk_ = std::move(*desk);
    // The first click brings the window with the button to the top.
    const Picture before = guest();
    ASSERT_TRUE(desk_->click(button_x, button_y));
    settled_ = guest_after(before);
    ASSERT_NE(settled_, before);
    ASSERT_TRUE(wait_until([&] { return desk_->shows(settled_); }));
  }

  /// The guest's screen as the stock client sees it.
  Picture guest() {
    auto picture = spicy_screenshot(gateway_->uri());
    EXPECT_TRUE(picture) << picture.error().message();
    return picture.value_or(Picture{});
  }

  /// The guest's screen once it is no longer `before`; `before` if that does not come.
  Picture guest_after(const Picture& before) {
    Picture now;
    wait_until([&] { return (now = guest()) != before; }, std::chrono::seconds(20));
    return now;
  }

  /// Clicks there; only the number on the guest's button may change by that, and it has to.
  void expect_counts(int x, int y) {
    ASSERT_TRUE(desk_->click(x, y));
    const Picture after = guest_after(settled_);
    const auto changed = difference(settled_, after);
    ASSERT_TRUE(changed) << "the guest did not see the click";
    EXPECT_GE(changed->left, button.left);
    EXPECT_GE(changed->top, button.top);
    EXPECT_LT(changed->right, button.right);
    EXPECT_LT(changed->bottom, button.bottom);
    settled_ = after;
  }

  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<Desk> desk_;
  Picture settled_;
};

TEST_F(DemoWindow, AClickArrivesWhereItWasMade) {
  ASSERT_NO_FATAL_FAILURE(open());
  expect_counts(button_x, button_y);
  EXPECT_TRUE(wait_until([&] { return desk_->shows(settled_); }));
  EXPECT_EQ(desk_->title().find("releases the pointer"), std::string::npos) << desk_->title();
}

TEST_F(DemoWindow, ASmallerWindowScalesThePictureAndThePointer) {
  ASSERT_NO_FATAL_FAILURE(open({"--no-resize-guest"}));
  ASSERT_TRUE(desk_->resize(guest_width / 2, guest_height / 2));
  // Every colour of a smaller picture is near one of the four pixels it stands for.
  const auto scaled = [&] {
    const auto shown = desk_->picture();
    if (!shown || shown->width != guest_width / 2 || shown->height != guest_height / 2)
      return false;
    std::size_t far = 0;
    for (int y = 0; y < shown->height; ++y) {
      for (int x = 0; x < shown->width; ++x) {
        for (int c = 0; c < 3; ++c) {
          const auto at = [&](int dx, int dy) {
            return settled_.pixel(std::min(2 * x + dx, guest_width - 1),
                                  std::min(2 * y + dy, guest_height - 1))[c];
          };
          const auto [low, high] = std::minmax({at(0, 0), at(1, 0), at(0, 1), at(1, 1)});
          const int value = shown->pixel(x, y)[c];
          far += value + 8 < low || value > high + 8;
        }
      }
    }
    return far < 3u * static_cast<std::size_t>(shown->width * shown->height) / 100;
  };
  EXPECT_TRUE(wait_until(scaled));
  expect_counts(button_x / 2, button_y / 2);
  EXPECT_TRUE(wait_until(scaled)) << "the click is not on the smaller picture";

  ASSERT_TRUE(desk_->resize(guest_width, guest_height));
  EXPECT_TRUE(wait_until([&] { return desk_->shows(settled_); }));
  // A window of another shape has bars beside the picture.
  ASSERT_TRUE(desk_->resize(guest_width + 60, guest_height));
  EXPECT_TRUE(wait_until([&] {
    const auto shown = desk_->picture();
    return shown && find_picture(settled_, *shown) == std::pair(30, 0);
  }));
  EXPECT_TRUE(desk_->viewer().running()) << desk_->viewer().errors();
}

TEST_F(DemoWindow, TheGuestsScreenFollowsTheWindow) {
  ASSERT_NO_FATAL_FAILURE(open());
  for (const auto& [width, height] : {std::pair(800, 600), std::pair(1200, 900)}) {
    ASSERT_TRUE(desk_->resize(width, height));
    Picture now;
    ASSERT_TRUE(wait_until([&, w = width, h = height] {
      now = guest();
      return now.width == w && now.height == h;
    })) << "the guest stays at "
        << now.width << "x" << now.height;
    EXPECT_TRUE(wait_until([&] { return desk_->shows(guest()); }));
  }
}

TEST_F(DemoWindow, TheClipboardsAreJoined) {
  ASSERT_NO_FATAL_FAILURE(open());
  // The demo's terminal: `copy TEXT` is what a guest's program does when the user copies.
  ASSERT_TRUE(desk_->type("copy from-the-guest"));
  ASSERT_TRUE(desk_->press("Return"));
  for (const std::string selection : {"clipboard", "primary"}) {
    EXPECT_TRUE(wait_until([&] { return desk_->paste(selection) == "from-the-guest"; }))
        << selection << ": " << desk_->paste(selection);
  }
  // What a program copies here is what the guest then holds: it offers that as both selections.
  ASSERT_TRUE(desk_->copy("clipboard", "from the desk"));
  EXPECT_TRUE(wait_until([&] {
    EXPECT_TRUE(desk_->type("copy"));
    EXPECT_TRUE(desk_->press("Return"));
    return desk_->paste("primary") == "from the desk";
  })) << desk_->paste("primary");
}

}  // namespace
}  // namespace cassia::test
