// SPDX-License-Identifier: Apache-2.0
// "The PNG of cassia-viewer through the gateway equals QMP screendump pixel for pixel", on every
// display adapter, in text and in 16-bit modes, with both canvases; and the stock client agrees.

#include <gtest/gtest.h>

#include "tests/support/programs.h"
#include "tests/support/qemu_guest.h"

namespace cassia::test {
namespace {

struct Screen {
  const char* name;
  GuestOptions guest;
};

const std::vector<Screen> still_screens = {
    {"std", {.vga = "std", .mode = "still"}},
    {"qxl", {.vga = "qxl", .mode = "still"}},
    {"virtio", {.vga = "virtio", .mode = "still"}},
    {"cirrus", {.vga = "cirrus", .mode = "still"}},
    {"cirrus_text", {.vga = "cirrus", .mode = "still", .text = true}},
    {"qxl_text", {.vga = "qxl", .mode = "still", .text = true}},
    {"std_16bit", {.vga = "std", .mode = "still", .vesa_mode = "0x314"}},
    {"cirrus_16bit", {.vga = "cirrus", .mode = "still", .vesa_mode = "0x311"}},
};

class ScreenTest : public ::testing::TestWithParam<Screen> {
 protected:
  void SetUp() override {
    auto guest = QemuGuest::start(GetParam().guest);
    ASSERT_TRUE(guest) << guest.error().message();
    guest_ = std::move(*guest);
    const auto screen = guest_->qmp().steady_screen();
    ASSERT_TRUE(screen) << screen.error().message();
    expected_ = *screen;
    ASSERT_GE(expected_.colours(), 8u) << "the guest has not drawn its picture";
  }

  void expect_viewer_shows_it(const std::string& uri, const std::string& renderer,
                              const std::string& how) {
    const auto seen = view(uri, {.renderer = renderer});
    ASSERT_TRUE(seen) << how << ": " << seen.error().message();
    EXPECT_TRUE(same_picture(seen->screenshot, expected_, evidence(how + "-" + renderer)));
  }

  std::string evidence(const std::string& how) const {
    return std::string("screen-") + GetParam().name + "-" + how;
  }

  std::unique_ptr<QemuGuest> guest_;
  Picture expected_;
};

TEST_P(ScreenTest, IsTheSameEverywhere) {
  const auto stock = spicy_screenshot(guest_->uri());
  ASSERT_TRUE(stock) << stock.error().message();
  EXPECT_TRUE(same_picture(*stock, expected_, evidence("stock-direct")));
  for (const char* renderer : {"cairo", "gl"}) {
    expect_viewer_shows_it(guest_->uri(), renderer, "direct");
  }

  auto gateway = Gateway::start({"--upstream", guest_->uri()});
  ASSERT_TRUE(gateway) << gateway.error().message();
  for (const char* renderer : {"cairo", "gl"}) {
    expect_viewer_shows_it((*gateway)->uri(), renderer, "gateway");
  }
  const auto stock_through = spicy_screenshot((*gateway)->uri());
  ASSERT_TRUE(stock_through) << stock_through.error().message();
  EXPECT_TRUE(same_picture(*stock_through, expected_, evidence("stock-gateway")));
}

INSTANTIATE_TEST_SUITE_P(Still, ScreenTest, ::testing::ValuesIn(still_screens),
                         [](const auto& info) { return info.param.name; });

class LiveScreenTest : public ::testing::TestWithParam<const char*> {};

// The picture while the viewer watches it change: typed text, scrolling, and what is left of both.
TEST_P(LiveScreenTest, FollowsTypingAndScrolling) {
  auto guest = QemuGuest::start({.vga = GetParam()});
  ASSERT_TRUE(guest) << guest.error().message();
  auto gateway = Gateway::start({"--upstream", (*guest)->uri()});
  ASSERT_TRUE(gateway) << gateway.error().message();
  for (const char* renderer : {"cairo", "gl"}) {
    const std::size_t said_before = (*guest)->serial().size();
    const auto seen = view((*gateway)->uri(),
                           {.renderer = renderer,
                            .type = "seq 1 200; ls -l /bin; echo LIVE-$((6*7)) | tee /dev/ttyS0\n",
                            .settle = std::chrono::seconds(3)});
    ASSERT_TRUE(seen) << seen.error().message();
    const auto said = (*guest)->wait_serial("LIVE-42", said_before);
    EXPECT_TRUE(said) << said.error().message();
    const auto screen = (*guest)->qmp().steady_screen();
    ASSERT_TRUE(screen) << screen.error().message();
    EXPECT_TRUE(same_picture(seen->screenshot, *screen,
                             std::string("live-") + GetParam() + "-" + renderer));
  }
}

INSTANTIATE_TEST_SUITE_P(Vga, LiveScreenTest, ::testing::Values("std", "qxl", "virtio", "cirrus"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace cassia::test
