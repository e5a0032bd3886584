// SPDX-License-Identifier: Apache-2.0
// "cassia-viewer straight against Xspice (a terminal scrolling, windows moving) equals xwd -root".

#include <gtest/gtest.h>

#include <sstream>

#include "tests/support/paths.h"
#include "tests/support/programs.h"
#include "tests/support/x_server.h"

namespace cassia::test {
namespace {

using std::chrono::seconds;

struct Case {
  const char* name;
  const char* renderer;
  bool gateway;
  std::vector<std::string> options;  ///< of Xspice
};

class XspiceTest : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    auto x = XServer::start_xspice(1024, 768, GetParam().options);
    ASSERT_TRUE(x) << x.error().message();
    x_ = std::move(*x);
    uri_ = x_->uri();
    if (!GetParam().gateway) return;
    auto gateway = Gateway::start({"--upstream", uri_});
    ASSERT_TRUE(gateway) << gateway.error().message();
    gateway_ = std::move(*gateway);
    uri_ = gateway_->uri();
  }

  /// Starts a viewer that ends when the screen has been quiet for a while.
  Process start_viewer() {
    auto viewer = Process::start({program("cassia-viewer"), "--headless", "--renderer",
                                  GetParam().renderer, "--settle", "4000", "--log-level", "debug",
                                  "--screenshot", folder_ / "screen.png", uri_});
    EXPECT_TRUE(viewer) << viewer.error().message();
    return std::move(*viewer);
  }

  /// The viewer has seen something: what comes now reaches it as changes.
  void wait_connected(const Process& viewer) {
    EXPECT_TRUE(wait_until([&] {
      return viewer.errors().find("the first picture is complete") != std::string::npos;
    }));
  }

  void expect_it_saw_the_screen(Process& viewer, const std::string& what) {
    const auto status = viewer.wait(seconds(60));
    ASSERT_TRUE(status) << status.error().message();
    ASSERT_EQ(*status, 0) << viewer.errors();
    const auto shown = load_picture(folder_ / "screen.png");
    ASSERT_TRUE(shown) << shown.error().message();
    const auto screen = x_->steady_screen();
    ASSERT_TRUE(screen) << screen.error().message();
    EXPECT_TRUE(same_picture(*shown, *screen, "xspice-" + what + "-" + GetParam().name));
  }

  std::string window(const std::string& name) {
    std::string id;
    EXPECT_TRUE(wait_until([&] {
      const auto found = x_->ask({"xdotool", "search", "--onlyvisible", "--name", name});
      if (found) std::istringstream(*found) >> id;
      return !id.empty();
    }));
    return id;
  }

  TemporaryFolder folder_;
  std::unique_ptr<XServer> x_;
  std::unique_ptr<Gateway> gateway_;
  std::string uri_;
};

TEST_P(XspiceTest, ATerminalThatScrolls) {
  Process viewer = start_viewer();
  wait_connected(viewer);
  const auto done = folder_ / "done";
  auto terminal = x_->client(
      {"xterm", "-geometry", "100x40+20+30", "-fn", "fixed", "-e", "sh", "-c",
       "for i in $(seq 1 400); do echo \"line $i of the terminal: the quick brown fox\"; done; "
       "touch " +
           done.string() + "; exec sleep 1000"});
  ASSERT_TRUE(terminal) << terminal.error().message();
  EXPECT_TRUE(wait_until([&] { return std::filesystem::exists(done); }));
  expect_it_saw_the_screen(viewer, "scroll");
}

TEST_P(XspiceTest, WindowsThatMove) {
  Process viewer = start_viewer();
  wait_connected(viewer);
  auto still = x_->client({"xterm", "-title", "below", "-geometry", "60x20+300+250", "-fn", "fixed",
                           "-e", "sh", "-c", "seq 1 50; exec sleep 1000"});
  auto moving = x_->client({"xlogo", "-geometry", "200x150+0+0", "-bg", "#306090"});
  ASSERT_TRUE(still && moving);
  window("below");
  const std::string logo = window("xlogo");
  for (int i = 1; i <= 40; ++i) {
    const auto moved =
        x_->ask({"xdotool", "windowmove", logo, std::to_string(18 * i), std::to_string(12 * i)});
    ASSERT_TRUE(moved) << moved.error().message();
  }
  expect_it_saw_the_screen(viewer, "move");
}

INSTANTIATE_TEST_SUITE_P(
    How, XspiceTest,
    ::testing::Values(Case{"cairo", "cairo", false, {}}, Case{"gl", "gl", false, {}},
                      Case{"quic", "cairo", false, {"XSPICE_IMAGE_COMPRESSION=quic"}},
                      Case{"lz", "cairo", false, {"XSPICE_IMAGE_COMPRESSION=lz"}},
                      Case{"glz", "cairo", false, {"XSPICE_IMAGE_COMPRESSION=glz"}},
                      Case{"off", "cairo", false, {"XSPICE_IMAGE_COMPRESSION=off"}},
                      Case{"gateway", "cairo", true, {}}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace cassia::test
