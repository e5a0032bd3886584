// SPDX-License-Identifier: Apache-2.0
// "remote-viewer under Xvfb works, typing included": through the gateway, on a real guest.

#include <gtest/gtest.h>

#include "tests/support/programs.h"
#include "tests/support/qemu_guest.h"
#include "tests/support/remote_viewer.h"

namespace cassia::test {
namespace {

class StockViewer : public ::testing::TestWithParam<const char*> {};

TEST_P(StockViewer, ShowsTheGuestAndTypesIntoIt) {
  auto guest = QemuGuest::start({.vga = GetParam()});
  ASSERT_TRUE(guest) << guest.error().message();
  auto gateway = Gateway::start({"--upstream", (*guest)->uri()});
  ASSERT_TRUE(gateway) << gateway.error().message();
  auto x = XServer::start_xvfb();
  ASSERT_TRUE(x) << x.error().message();
  auto viewer = RemoteViewer::start(**x, (*gateway)->uri());
  ASSERT_TRUE(viewer) << viewer.error().message();

  const auto before = (*guest)->qmp().steady_screen();
  ASSERT_TRUE(before) << before.error().message();
  const auto shown = (*viewer)->wait_shows(*before);
  ASSERT_TRUE(shown) << shown.error().message();

  ASSERT_TRUE((*viewer)->type("ls -l /bin; echo STOCK-$((6*7)) | tee /dev/ttyS0"));
  ASSERT_TRUE((*viewer)->press("Return"));
  const auto said = (*guest)->wait_serial("STOCK-42");
  ASSERT_TRUE(said) << said.error().message();
  const auto after = (*guest)->qmp().steady_screen();
  ASSERT_TRUE(after) << after.error().message();
  const auto follows = (*viewer)->wait_shows(*after);
  EXPECT_TRUE(follows) << follows.error().message();
}

INSTANTIATE_TEST_SUITE_P(Vga, StockViewer, ::testing::Values("std", "qxl"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace cassia::test
