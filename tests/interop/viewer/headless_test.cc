// SPDX-License-Identifier: Apache-2.0
// cassia-viewer --headless straight against QEMU: its picture, its statistics, its errors.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/interop/viewer/bios_machine.h"
#include "tests/support/paths.h"
#include "tests/support/programs.h"

namespace cassia::test {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

class Headless : public ::testing::TestWithParam<const char*> {};

TEST_P(Headless, ShowsWhatTheMachineShows) {
  auto machine = BiosMachine::start(GetParam());
  ASSERT_TRUE(machine) << machine.error().message();
  const auto expected = (*machine)->freeze();
  ASSERT_TRUE(expected) << expected.error().message();
  for (const char* renderer : {"cairo", "gl"}) {
    const auto seen = view((*machine)->uri(), {.renderer = renderer, .settle = milliseconds(300)});
    ASSERT_TRUE(seen) << seen.error().message();
    EXPECT_TRUE(same_picture(seen->screenshot, *expected,
                             std::string("viewer-") + GetParam() + "-" + renderer));
    const auto stats = nlohmann::json::parse(seen->stats, nullptr, false);
    ASSERT_TRUE(stats.is_object());
    EXPECT_EQ(stats["renderer"], renderer);
    EXPECT_GT(stats["channels"]["display:0"]["bytes_received"], 0);
    EXPECT_GT(stats["channels"]["main"]["messages_received"], 0);
    EXPECT_GE(stats["frames"]["count"], 1);
    EXPECT_EQ(stats["failed_draws"], 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Vga, Headless, ::testing::Values("std", "qxl", "virtio", "cirrus"),
                         [](const auto& info) { return std::string(info.param); });

Finished run_viewer(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {program("cassia-viewer"), "--headless"});
  auto finished = run(std::move(arguments));
  EXPECT_TRUE(finished) << finished.error().message();
  return finished ? *finished : Finished{};
}

void expect_one_line(const Finished& finished, int status) {
  EXPECT_EQ(finished.status, status) << finished.errors;
  EXPECT_EQ(std::count(finished.errors.begin(), finished.errors.end(), '\n'), 1) << finished.errors;
}

TEST(HeadlessFaults, WrongAndRightPassword) {
  auto machine = BiosMachine::start("std", "password=right");
  ASSERT_TRUE(machine) << machine.error().message();
  const auto file = [&](const std::string& name) {
    std::ofstream((*machine)->folder() / name) << name << "\n";
    return ((*machine)->folder() / name).string();
  };
  const Finished refused =
      run_viewer({"--settle", "100", "--password-file", file("wrong"), (*machine)->uri()});
  expect_one_line(refused, 1);
  EXPECT_THAT(refused.errors, HasSubstr("password"));
  EXPECT_THAT(refused.errors, HasSubstr("spice.sock"));
  const Finished taken =
      run_viewer({"--settle", "100", "--password-file", file("right"), (*machine)->uri()});
  EXPECT_EQ(taken.status, 0) << taken.errors;
}

TEST(HeadlessFaults, AServerThatSaysNothing) {
  TemporaryFolder folder;
  const std::string path = folder / "silent.sock";
  FileDescriptor server(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(server.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(server.get(), 4), 0);
  const Finished finished = run_viewer({"--timeout", "0.5", "spice+unix://" + path});
  expect_one_line(finished, 1);
  EXPECT_THAT(finished.errors, HasSubstr("0.5 s"));
  EXPECT_THAT(finished.errors, HasSubstr(path));
}

TEST(HeadlessFaults, AServerThatGoesAway) {
  auto machine = BiosMachine::start("std");
  ASSERT_TRUE(machine) << machine.error().message();
  auto viewer = Process::start({program("cassia-viewer"), "--headless", "--duration", "300",
                                "--log-level", "info", (*machine)->uri()});
  ASSERT_TRUE(viewer) << viewer.error().message();
  ASSERT_TRUE(viewer->wait_for_text("the server says"));
  (*machine)->qemu().stop();
  const auto status = viewer->wait(std::chrono::seconds(20));
  ASSERT_TRUE(status) << status.error().message();
  EXPECT_EQ(*status, 1);
  EXPECT_THAT(viewer->errors(), HasSubstr("spice.sock"));
}

TEST(HeadlessFaults, AWrongCommandLineIsStatusTwo) {
  expect_one_line(run_viewer({"--renderer", "crayon", "spice://127.0.0.1:1"}), 2);
  expect_one_line(run_viewer({"--type", "\xe2\x82\xac", "spice://127.0.0.1:1"}), 2);
  expect_one_line(run_viewer({"nonsense://"}), 2);
}

}  // namespace
}  // namespace cassia::test
