// SPDX-License-Identifier: Apache-2.0
// Recorded sessions decode to the picture they had: those in data/ (and in $CASSIA_SESSIONS, a
// folder of *.sprec with a *.png each), and one that is recorded here from Xspice.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "tests/support/gtk_client.h"
#include "tests/support/paths.h"
#include "tests/support/programs.h"
#include "tests/support/x_server.h"

namespace cassia::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

/// Starts spice-record or spice-replay; `uri` gets its address.
Result<Process> start_tool(std::vector<std::string> command, std::string& uri) {
  command[0] = program(command[0]);
  auto process = CASSIA_TRY(Process::start(std::move(command)));
  CASSIA_TRY(process.wait_for_text("READY "));
  const std::string output = process.output();
  const std::string line = output.substr(output.find("READY ") + 6);
  uri = "spice://" + line.substr(0, line.find('\n'));
  return process;
}

/// Video frames are timed: at full speed clients drop those that come late.
const char* speed_of(const fs::path& recording) {
  return recording.stem().string().find("video") != std::string::npos ? "1" : "0";
}

std::vector<fs::path> recordings() {
  std::vector<fs::path> out;
  std::vector<fs::path> folders = {source("tests/replay/data")};
  if (const char* more = std::getenv("CASSIA_SESSIONS")) folders.emplace_back(more);
  for (const fs::path& folder : folders) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() == ".sprec") out.push_back(entry.path());
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

class RecordedSession : public ::testing::TestWithParam<fs::path> {};

TEST_P(RecordedSession, ShowsThePictureItHad) {
  const auto expected = load_picture(fs::path(GetParam()).replace_extension(".png"));
  ASSERT_TRUE(expected) << expected.error().message();
  std::string uri;
  auto replay = start_tool({"spice-replay", "--speed", speed_of(GetParam()), GetParam()}, uri);
  ASSERT_TRUE(replay) << replay.error().message();
  for (const char* renderer : {"cairo", "gl"}) {
    const auto shown = view(uri, {.renderer = renderer, .settle = seconds(2)});
    ASSERT_TRUE(shown) << shown.error().message();
    EXPECT_TRUE(same_picture(shown->screenshot, *expected,
                             "recorded-" + GetParam().stem().string() + "-" + renderer));
  }
}

INSTANTIATE_TEST_SUITE_P(All, RecordedSession, ::testing::ValuesIn(recordings()),
                         [](const auto& info) {
                           std::string name = info.param.stem().string();
                           for (char& c : name) c = std::isalnum(c) ? c : '_';
                           return name;
                         });

TEST(Recorder, WhatItRecordsFromXspiceReplaysToTheSamePictureInBothClients) {
  auto x = XServer::start_xspice(640, 480);
  ASSERT_TRUE(x) << x.error().message();
  const TemporaryFolder folder;
  const std::string file = folder / "session.sprec";
  std::string through;
  auto recorder = start_tool({"spice-record", "--server", (*x)->uri(), "--out", file}, through);
  ASSERT_TRUE(recorder) << recorder.error().message();
  auto viewer =
      Process::start({program("cassia-viewer"), "--headless", "--settle", "2500", "--log-level",
                      "debug", "--screenshot", folder / "live.png", through});
  ASSERT_TRUE(viewer) << viewer.error().message();
  ASSERT_TRUE(viewer->wait_for_text("the first picture is complete"));
  auto terminal = (*x)->client({"xterm", "-geometry", "80x30+20+30", "-fn", "fixed", "-e", "sh",
                                "-c", "seq 1 300; exec sleep 1000"});
  ASSERT_TRUE(terminal) << terminal.error().message();
  const auto status = viewer->wait(seconds(60));
  ASSERT_TRUE(status) << status.error().message();
  ASSERT_EQ(*status, 0) << viewer->errors();
  EXPECT_EQ(recorder->stop(), 0) << recorder->errors();

  const auto live = load_picture(folder / "live.png");
  ASSERT_TRUE(live) << live.error().message();
  EXPECT_GT(live->colours(), 1u);
  std::string uri;
  auto replay = start_tool({"spice-replay", "--speed", "0", file}, uri);
  ASSERT_TRUE(replay) << replay.error().message();
  const auto ours = view(uri, {.settle = seconds(1)});
  ASSERT_TRUE(ours) << ours.error().message();
  EXPECT_TRUE(same_picture(ours->screenshot, *live, "replayed-ours"));
  const auto theirs = gtk_client(uri, {"--settle", "1000"});
  ASSERT_TRUE(theirs) << theirs.error().message();
  ASSERT_EQ(theirs->status, GtkStatus::complete) << theirs->errors;
  EXPECT_TRUE(same_picture(theirs->picture, *live, "replayed-stock"));
}

}  // namespace
}  // namespace cassia::test
