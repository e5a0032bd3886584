// SPDX-License-Identifier: Apache-2.0
#include "tests/support/x_server.h"

#include <gtest/gtest.h>

#include "tests/support/programs.h"

namespace cassia::test {
namespace {

bool has_colour(const Picture& picture, int x, int y, std::uint32_t rgb) {
  const std::uint8_t* pixel = picture.pixel(x, y);
  return rgb == (static_cast<std::uint32_t>(pixel[0]) << 16 | pixel[1] << 8 | pixel[2]);
}

TEST(XServer, XvfbShowsWhatItsClientsDraw) {
  auto server = XServer::start_xvfb(320, 200);
  ASSERT_TRUE(server) << server.error().message();
  auto logo = (*server)->client({"xlogo", "-geometry", "100x80+30+20", "-bg", "#204060"});
  ASSERT_TRUE(logo) << logo.error().message();
  Picture screen;
  EXPECT_TRUE(wait_until([&] {
    screen = (*server)->screen().value_or(Picture{});
    return screen.width == 320 && screen.height == 200 && has_colour(screen, 35, 60, 0x204060);
  }));
  EXPECT_TRUE(has_colour(screen, 300, 10, 0x000000)) << "the root is not black";
}

TEST(XServer, XspiceServesItsScreenToTheStockClient) {
  auto server = XServer::start_xspice(640, 480);
  ASSERT_TRUE(server) << server.error().message();
  auto logo = (*server)->client({"xlogo", "-geometry", "300x200+50+40", "-bg", "#a04060"});
  ASSERT_TRUE(logo) << logo.error().message();
  EXPECT_TRUE(wait_until([&] {
    const auto now = (*server)->screen();
    return now && has_colour(*now, 55, 140, 0xa04060);
  }));
  const auto screen = (*server)->steady_screen();
  ASSERT_TRUE(screen) << screen.error().message();
  const auto shown = spicy_screenshot((*server)->uri());
  ASSERT_TRUE(shown) << shown.error().message();
  EXPECT_TRUE(same_picture(*shown, *screen, "xspice-stock-client"));
}

}  // namespace
}  // namespace cassia::test
