// SPDX-License-Identifier: Apache-2.0
// "Xspice running xterm, a window manager and a real browser or toolkit program: after each, the
// viewer's picture equals xwd -root of the server", on cairo and gl at once. GTK is not used: its
// windows have 32 bits, and xwd -root shows windows of another depth than the root's black.

#include <gtest/gtest.h>

#include <sstream>

#include "base/file.h"
#include "tests/interop/xspice/live_viewer.h"
#include "tests/support/x_server.h"

namespace cassia::test {
namespace {

class Desktop : public ::testing::Test {
 protected:
  void SetUp() override {
    auto x = XServer::start_xspice(
        1024, 768, {"XSPICE_STREAMING_VIDEO=off", "XSPICE_JPEG_WAN_COMPRESSION=never"});
    ASSERT_TRUE(x) << x.error().message();
    x_ = std::move(*x);
    auto viewer = LiveViewer::start(x_->spice_port(),
                                    {client::RendererChoice::cairo, client::RendererChoice::gl});
    ASSERT_TRUE(viewer) << viewer.error().message();
    viewer_ = std::move(*viewer);
    auto manager = x_->client({"openbox", "--config-file", "/etc/xdg/openbox/rc.xml"});
    ASSERT_TRUE(manager) << manager.error().message();
    manager_ = std::move(*manager);
    // It says that it is there in a property of the root window.
    ASSERT_TRUE(viewer_->pump_until([&] {
      const auto found = x_->ask({"xprop", "-root", "_NET_SUPPORTING_WM_CHECK"});
      return found && found->find("window id") != std::string::npos;
    }));
  }

  void start(std::vector<std::string> command) {
    auto program = x_->client(std::move(command));
    ASSERT_TRUE(program) << program.error().message();
    programs_.push_back(std::move(*program));
  }

  /// The window's number, once it is on the screen.
  std::string window(const std::string& name) {
    std::string id;
    EXPECT_TRUE(viewer_->pump_until(
        [&] {
          const auto found = x_->ask({"xdotool", "search", "--onlyvisible", "--name", name});
          if (found) std::istringstream(*found) >> id;
          return !id.empty();
        },
        std::chrono::seconds(60)))
        << "no window " << name;
    return id;
  }

  void act(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "xdotool");
    const auto done = x_->ask(std::move(arguments));
    EXPECT_TRUE(done) << done.error().message();
  }

  /// Both canvases show the screen, and the screen shows something: `colours` at least.
  void expect_shown(const std::string& what, std::size_t colours) {
    std::size_t seen = 0;
    EXPECT_TRUE(viewer_->pump_until(
        [&] {
          const auto screen = x_->screen();
          seen = screen ? screen->colours() : 0;
          return seen >= colours;
        },
        std::chrono::seconds(60)))
        << what << ": only " << seen << " colours";
    EXPECT_TRUE(viewer_->shows([&] { return x_->screen(); }, "desktop-" + what));
    EXPECT_EQ(viewer_->failed_draws(), 0u);
  }

  std::unique_ptr<XServer> x_;
  std::unique_ptr<LiveViewer> viewer_;
  std::optional<Process> manager_;
  std::vector<Process> programs_;
};

TEST_F(Desktop, ATerminalInAManagedWindow) {
  start({"xterm", "-title", "terminal", "-geometry", "80x24+40+60", "-fn", "fixed", "-e", "sh",
         "-c", "seq 1 500; ls -l /bin | head -40; exec sleep 1000"});
  const std::string id = window("terminal");
  expect_shown("xterm", 4);
  act({"windowmove", id, "300", "200"});
  expect_shown("moved", 4);
  act({"windowsize", id, "640", "420"});
  expect_shown("resized", 4);
  act({"windowminimize", id});
  expect_shown("minimized", 1);
  act({"windowactivate", id});
  expect_shown("back", 4);
  act({"mousemove", "900", "700", "click", "3"});  // the desktop's menu
  expect_shown("menu", 4);
}

TEST_F(Desktop, ABrowser) {
  const TemporaryFolder folder;
  const auto page = folder / "page.html";
  ASSERT_TRUE(write_file_atomically(
      page,
      as_bytes(std::string_view(
          "<title>page</title><body style='background:linear-gradient(#204,#fc8)'>"
          "<h1 style='color:#fff;text-shadow:2px 2px 4px #000'>The quick brown fox</h1>"
          "<p style='font:20px serif;transform:rotate(7deg);opacity:.7'>jumps over the dog"
          "<div style='height:3000px;background:repeating-radial-gradient(#060,#0f6 40px)'>"))));
  start({"chromium", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--user-data-dir=" + (folder / "profile").string(),
         "--window-size=800,600", "--app=file://" + page.string()});
  window("page");
  expect_shown("browser", 1000);
  act({"mousemove", "400", "400", "click", "5", "click", "5", "click", "5"});
  expect_shown("browser-scrolled", 1000);
}

}  // namespace
}  // namespace cassia::test
