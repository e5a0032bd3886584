// SPDX-License-Identifier: Apache-2.0
// The programs of preset `windows` under Wine, on an Xvfb: the canvas suites on the GDI canvas,
// and recorded sessions drawn into a window, whose picture on the X screen is the one that the
// stock client had.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "tests/support/paths.h"
#include "tests/support/process.h"
#include "tests/support/x_server.h"

namespace cassia::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

const fs::path build = CASSIA_WINDOWS_BUILD;

/// Wine with a folder of its own below the build folder, and a screen for all tests.
class Wine : public ::testing::Environment {
 public:
  void SetUp() override {
    if (!fs::exists(build / "bin")) return;
    ASSERT_FALSE(find_program("wine").empty()) << "scripts/install-packages windows";
    auto x = XServer::start_xvfb();
    ASSERT_TRUE(x) << x.error().message();
    screen = std::move(*x);
    // Makes or updates the folder; all but free when that is done.
    const auto booted = run({"wine", "wineboot", "--init"}, options(), seconds(200));
    ASSERT_TRUE(booted) << booted.error().message();
    ASSERT_EQ(booted->status, 0) << booted->errors;
  }

  void TearDown() override {
    if (!screen) return;
    // Ends what is left of this folder's Wine, and waits for it. A status of 1: nothing was left.
    EXPECT_TRUE(run({"wineserver", "-k"}, options(), seconds(30)));
    EXPECT_TRUE(run({"wineserver", "-w"}, options(), seconds(30)));
    screen.reset();
  }

  ProcessOptions options() const {
    // Neither .NET nor a browser is needed: without these Wine would offer to download them.
    return {.environment = {screen->environment(), "WINEPREFIX=" + (build / "wine").string(),
                            "WINEDLLOVERRIDES=mscoree,mshtml=", "WINEDEBUG=-all"}};
  }

  std::unique_ptr<XServer> screen;
};

Wine& wine() {
  static auto* const environment =
      static_cast<Wine*>(::testing::AddGlobalTestEnvironment(new Wine));
  return *environment;
}
[[maybe_unused]] const Wine& made_before_main = wine();

std::vector<std::string> command(const char* name, std::vector<std::string> arguments = {}) {
  std::vector<std::string> all = {"wine", build / "bin" / (std::string(name) + ".exe")};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

#define SKIP_UNLESS_BUILT(name)                                                           \
  if (!fs::exists(command(name)[1])) {                                                    \
    GTEST_SKIP() << "preset windows is not built (" << name << "): scripts/test-windows"; \
  }

class WindowsProgram : public ::testing::TestWithParam<const char*> {};

TEST_P(WindowsProgram, PassesItsTests) {
  SKIP_UNLESS_BUILT(GetParam());
  const auto done = run(command(GetParam()), wine().options(), seconds(150));
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(done->status, 0) << done->output << done->errors;
  EXPECT_NE(done->output.find("[  PASSED  ]"), std::string::npos) << done->output;
  EXPECT_EQ(done->output.find("[  SKIPPED ]"), std::string::npos) << done->output;
}

INSTANTIATE_TEST_SUITE_P(All, WindowsProgram, ::testing::Values("canvas_conformance_test"),
                         [](const auto& info) { return info.param; });

std::vector<fs::path> recordings() {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(source("tests/replay/data"))) {
    if (entry.path().extension() == ".sprec") out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

class WindowsReplay : public ::testing::TestWithParam<fs::path> {};

TEST_P(WindowsReplay, ShowsThePictureOfTheStockClientInAWindow) {
  SKIP_UNLESS_BUILT("spice-replay-window");
  const auto expected = load_picture(fs::path(GetParam()).replace_extension(".png"));
  ASSERT_TRUE(expected) << expected.error().message();
  ProcessOptions options = wine().options();
  options.folder = GetParam().parent_path();  // Windows knows another root
  auto player = Process::start(
      command("spice-replay-window", {GetParam().filename().string(), "--hold"}), options);
  ASSERT_TRUE(player) << player.error().message();
  // It has read its window back and compared it with the reference canvas.
  const auto shown = player->wait_for_text("SHOWN ", seconds(60));
  ASSERT_TRUE(shown) << shown.error().message() << player->errors();
  Picture seen;
  const bool found = wait_until([&] {
    auto now = wine().screen->screen();
    if (!now) return false;
    seen = std::move(*now);
    return find_picture(*expected, seen).has_value();
  });
  if (!found) {
    const fs::path evidence =
        evidence_folder() / ("windows-" + GetParam().stem().string() + ".png");
    EXPECT_TRUE(save_png(seen, evidence));
    ADD_FAILURE() << "the screen does not show the recorded picture: " << evidence;
  }
  EXPECT_TRUE(player->running());
}

INSTANTIATE_TEST_SUITE_P(All, WindowsReplay, ::testing::ValuesIn(recordings()),
                         [](const auto& info) {
                           std::string name = info.param.stem().string();
                           for (char& c : name) c = std::isalnum(c) ? c : '_';
                           return name;
                         });

}  // namespace
}  // namespace cassia::test
