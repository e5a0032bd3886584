// SPDX-License-Identifier: Apache-2.0
// The viewer's window on an X server, straight against QEMU.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "base/file.h"
#include "tests/interop/viewer/bios_machine.h"
#include "tests/support/paths.h"
#include "tests/support/x_server.h"

namespace cassia::test {
namespace {

class Window : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    auto x = XServer::start_xvfb(1100, 800);
    ASSERT_TRUE(x) << x.error().message();
    x_ = std::move(*x);
    auto machine = BiosMachine::start("qxl");
    ASSERT_TRUE(machine) << machine.error().message();
    machine_ = std::move(*machine);
    const auto expected = machine_->freeze();
    ASSERT_TRUE(expected) << expected.error().message();
    expected_ = *expected;
  }

  void open(std::vector<std::string> more = {}) {
    std::vector<std::string> command = {program("cassia-viewer"), "--renderer", GetParam()};
    command.insert(command.end(), more.begin(), more.end());
    command.push_back(machine_->uri());
    auto viewer = x_->client(command);
    ASSERT_TRUE(viewer) << viewer.error().message();
    viewer_.emplace(std::move(*viewer));
    ASSERT_TRUE(wait_until([&] { return shows(expected_); })) << "stderr: " << viewer_->errors();
  }

  bool shows(const Picture& picture) {
    const auto screen = x_->screen();
    return screen && find_picture(picture, *screen).has_value();
  }

  std::string title() {
    const auto found = x_->ask({"xdotool", "search", "--onlyvisible", "--name", "Cassia"});
    if (!found) return {};
    std::string window;
    std::istringstream(*found) >> window;
    return x_->ask({"xdotool", "getwindowname", window}).value_or("");
  }

  std::unique_ptr<XServer> x_;
  std::unique_ptr<BiosMachine> machine_;
  Picture expected_;
  std::optional<Process> viewer_;
};

TEST_P(Window, ShowsTheGuestPixelForPixelUnderItsName) {
  open();
  EXPECT_TRUE(wait_until([&] { return title().find("bios-machine") != std::string::npos; }));
}

TEST_P(Window, ThePanelComesAndGoesWithF12) {
  open();
  ASSERT_TRUE(x_->ask({"xdotool", "key", "F12"}));
  EXPECT_TRUE(wait_until([&] { return !shows(expected_); })) << "no panel over the picture";
  ASSERT_TRUE(x_->ask({"xdotool", "key", "F12"}));
  EXPECT_TRUE(wait_until([&] { return shows(expected_); })) << "the panel left something behind";
}

TEST_P(Window, ALostConnectionIsSaidInTheWindow) {
  open();
  machine_->qemu().stop();
  EXPECT_TRUE(wait_until([&] { return title().find("connecting again") != std::string::npos; }))
      << title();
  EXPECT_TRUE(wait_until([&] { return !shows(expected_); })) << "no message over the picture";
  EXPECT_TRUE(viewer_->running());
}

TEST_P(Window, EndsAfterItsDurationAndLeavesStatistics) {
  open({"--duration", "3", "--stats", machine_->folder() / "stats.json"});
  const auto status = viewer_->wait(std::chrono::seconds(30));
  ASSERT_TRUE(status) << status.error().message();
  EXPECT_EQ(*status, 0) << viewer_->errors();
  const auto bytes = read_file(machine_->folder() / "stats.json");
  ASSERT_TRUE(bytes) << bytes.error().message();
  const auto stats = nlohmann::json::parse(bytes->begin(), bytes->end(), nullptr, false);
  // Xvfb has no GPU: auto has to notice the software driver and take the CPU path.
  EXPECT_EQ(stats.value("renderer", ""), std::string(GetParam()) == "gl" ? "gl" : "cairo");
}

INSTANTIATE_TEST_SUITE_P(Renderer, Window, ::testing::Values("auto", "gl"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace cassia::test
