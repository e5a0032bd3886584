// SPDX-License-Identifier: Apache-2.0
#include "server/guest/demo_agent.h"

#include <gtest/gtest.h>
#include <spice/vd_agent.h>
#include <stdlib.h>

#include <filesystem>

#include "base/file.h"

namespace cassia::server {
namespace {

using spice::ClipboardType;
using spice::FileResult;
using spice::Selection;

class DemoAgentTest : public testing::Test {
 protected:
  void make(DemoAgentOptions options) {
    DemoAgent::Hooks hooks;
    hooks.say = [this](const spice::AgentMessage& message) { said.push_back(message); };
    hooks.resize = [this](raster::Size wish) { size = wish; };
    agent = std::make_unique<DemoAgent>(std::move(options), std::move(hooks));
  }
  void SetUp() override { make({}); }

  FileResult offer(std::uint32_t id, const std::string& name, std::uint64_t bytes) {
    agent->hear(spice::FileStart{id, spice::write_file_metadata({name, bytes})});
    return last<spice::FileStatus>().result;
  }
  template <class T>
  T last() {
    return said.empty() ? T{} : std::get<T>(said.back());
  }

  std::vector<spice::AgentMessage> said;
  raster::Size size;
  std::unique_ptr<DemoAgent> agent;
};

TEST_F(DemoAgentTest, FetchesAndKeepsTextAndGivesItBack) {
  agent->hear(spice::ClipboardGrab{Selection::clipboard, 0, {ClipboardType::utf8_text}});
  EXPECT_EQ(last<spice::ClipboardRequest>().type, ClipboardType::utf8_text);
  agent->hear(spice::ClipboardData{Selection::clipboard, ClipboardType::utf8_text, to_bytes("t")});
  EXPECT_EQ(agent->text(), "t");
  // It does not own it yet.
  agent->hear(spice::ClipboardRequest{Selection::clipboard, ClipboardType::utf8_text});
  EXPECT_EQ(last<spice::ClipboardData>().type, ClipboardType::none);
  agent->copy();
  EXPECT_EQ(last<spice::ClipboardGrab>().selection, Selection::primary);
  agent->hear(spice::ClipboardRequest{Selection::clipboard, ClipboardType::utf8_text});
  EXPECT_EQ(as_text(last<spice::ClipboardData>().data.view()), "t");
}

TEST_F(DemoAgentTest, KeepsPicturesAndListsOfFiles) {
  agent->hear(spice::ClipboardGrab{
      Selection::clipboard, 0, {ClipboardType::png, ClipboardType::file_list, ClipboardType{77}}});
  EXPECT_EQ(said.size(), 2u);  // what it does not know it does not ask for
  agent->hear(spice::ClipboardData{Selection::clipboard, ClipboardType::png, to_bytes("pixels")});
  agent->hear(spice::ClipboardData{Selection::clipboard, ClipboardType::file_list,
                                   to_bytes(std::string_view("cut\0/a b\0", 10))});
  agent->hear(spice::ClipboardData{Selection::clipboard, ClipboardType::none, {}});
  EXPECT_EQ(agent->clipboard(), "a PNG picture, 6 bytes\na list of files, 10 bytes\n  cut /a b\n");
  agent->copy();
  EXPECT_EQ(last<spice::ClipboardGrab>().types.size(), 2u);
  agent->hear(spice::ClipboardRequest{Selection::primary, ClipboardType::png});
  EXPECT_EQ(as_text(last<spice::ClipboardData>().data.view()), "pixels");
  // The next program's text is all that there is.
  agent->hear(spice::ClipboardGrab{Selection::clipboard, 0, {ClipboardType::utf8_text}});
  EXPECT_EQ(agent->clipboard(), "\n");
}

TEST_F(DemoAgentTest, SizesTheDesktopWithinReason) {
  agent->hear(spice::AgentMonitorsConfig{false, {{0, 0, 32, 0, 0}, {900, 1440, 32, 0, 0}}, {}});
  EXPECT_EQ(size, (raster::Size{1440, 900}));
  EXPECT_TRUE(last<spice::AgentReply>().success);
  agent->hear(spice::AgentMonitorsConfig{false, {{0xffffffff, 1, 32, 0, 0}}, {}});
  EXPECT_EQ(size, (raster::Size{640, 4096}));
  agent->hear(spice::AgentMonitorsConfig{});
  EXPECT_FALSE(last<spice::AgentReply>().success);
}

TEST_F(DemoAgentTest, RefusesFilesItCannotKeep) {
  EXPECT_EQ(offer(1, "../..", 1), FileResult::error);
  EXPECT_EQ(offer(2, "big", 65u << 20), FileResult::not_enough_space);
  EXPECT_EQ(last<spice::FileStatus>().free_space, 64u << 20);
  EXPECT_EQ(offer(3, "half", 40u << 20), FileResult::can_send_data);
  EXPECT_EQ(offer(4, "other half", 40u << 20), FileResult::not_enough_space);
  agent->hear(spice::FileStatus{3, FileResult::cancelled});
  EXPECT_EQ(offer(5, "other half", 40u << 20), FileResult::can_send_data);
}

TEST_F(DemoAgentTest, WritesFilesIntoItsFolderAndNowhereElse) {
  char name[] = "/tmp/cassia-agent-XXXXXX";
  const std::filesystem::path folder = ::mkdtemp(name);
  DemoAgentOptions options;
  options.folder = folder;
  make(options);
  EXPECT_EQ(offer(1, "/etc/../a.txt", 3), FileResult::can_send_data);
  agent->hear(spice::FileData{1, to_bytes("ab")});
  agent->hear(spice::FileData{1, to_bytes("c")});
  EXPECT_EQ(last<spice::FileStatus>().result, FileResult::success);
  EXPECT_EQ(as_text(*read_file(folder / "a.txt")), "abc");
  EXPECT_EQ(offer(2, "a.txt", 3), FileResult::error);  // it is there
  // One that does not come to its end leaves nothing.
  EXPECT_EQ(offer(3, "b.txt", 3), FileResult::can_send_data);
  EXPECT_TRUE(std::filesystem::exists(folder / "b.txt"));
  agent.reset();
  EXPECT_FALSE(std::filesystem::exists(folder / "b.txt"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace cassia::server
