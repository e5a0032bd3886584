// SPDX-License-Identifier: Apache-2.0
// The demo guest's agent behind cassia-gateway, used by the stock client library and by our own
// session.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/interop/agent/our_session.h"
#include "tests/support/paths.h"
#include "tests/support/programs.h"

namespace cassia::test {
namespace {

using ::testing::HasSubstr;

Bytes noise(std::size_t size) {
  Bytes data(size);
  std::uint32_t state = 1;
  for (auto& byte : data)
    byte = static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24);
  return data;
}

class AgentDemoTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(folder_ / "guest");
    auto gateway = Gateway::start(
        {"--demo", "--demo-clock", "12:00:00", "--demo-files", (folder_ / "guest").string()});
    ASSERT_TRUE(gateway) << gateway.error().message();
    gateway_ = std::move(*gateway);
  }
  std::vector<std::string> stock(std::vector<std::string> steps) {
    std::vector<std::string> command = {program("spice_gtk_agent"), gateway_->uri()};
    command.insert(command.end(), steps.begin(), steps.end());
    return command;
  }
  /// Runs the stock client to the end of its steps.
  std::string run_stock(std::vector<std::string> steps) {
    const auto finished = run(stock(std::move(steps)));
    EXPECT_TRUE(finished) << finished.error().message();
    if (!finished) return {};
    EXPECT_EQ(finished->status, 0)
        << finished->output << finished->errors << gateway_->process().errors();
    return finished->output;
  }
  std::string host_file(const std::string& name, const Bytes& contents) {
    const auto path = folder_ / name;
    EXPECT_TRUE(write_file_atomically(path, contents));
    return path.string();
  }

  TemporaryFolder folder_;
  std::unique_ptr<Gateway> gateway_;
};

TEST_F(AgentDemoTest, TheStockClientSharesItsClipboard) {
  // The guest fetches what the client offers, takes the clipboard itself, and gives it back.
  const std::string output =
      run_stock({"wait=caps", "grab=from the client", "wait=asked 0 1", "wait=opened inputs",
                 "type=copy\\n", "wait=grab 0 1", "request", "wait=data 0 1"});
  EXPECT_THAT(output, HasSubstr("data 0 1 from the client\n"));
}

TEST_F(AgentDemoTest, TheGuestOffersTextOfItsOwn) {
  const std::string output =
      run_stock({"wait=caps", "wait=opened inputs", "type=copy typed in the guest\\n",
                 "wait=grab 0 1", "request", "wait=data 0 1"});
  EXPECT_THAT(output, HasSubstr("data 0 1 typed in the guest\n"));
}

TEST_F(AgentDemoTest, TwoStockClientsShareOneClipboard) {
  auto first = Process::start(stock({"wait=caps", "grab=shared", "wait=never"}));
  ASSERT_TRUE(first) << first.error().message();
  ASSERT_TRUE(first->wait_for_text("asked 0 1")) << first->output() << first->errors();
  const std::string output = run_stock({"wait=grab 0 1", "request", "wait=data 0 1"});
  EXPECT_THAT(output, HasSubstr("data 0 1 shared\n"));
  // When the holder goes, the others hear of it.
  auto second = Process::start(stock({"wait=grab 0 1", "wait=release 0"}));
  ASSERT_TRUE(second) << second.error().message();
  ASSERT_TRUE(second->wait_for_text("grab 0 1"));
  first->stop();
  const auto status = second->wait(std::chrono::seconds(20));
  ASSERT_TRUE(status) << second->output();
  EXPECT_EQ(*status, 0);
}

TEST_F(AgentDemoTest, TheStockClientCopiesFilesAndCancelsOne) {
  const Bytes contents = noise(3000001);
  const std::string small = host_file("small.bin", contents);
  const std::string empty = host_file("empty.bin", {});
  const std::string large = host_file("large.bin", noise(40u << 20));
  run_stock({"wait=caps", "file=" + small, "wait=file small.bin done", "file=" + empty,
             "wait=file empty.bin done", "file!=" + large, "wait=file large.bin failed"});
  const auto arrived = read_file(folder_ / "guest" / "small.bin");
  ASSERT_TRUE(arrived) << arrived.error().message();
  EXPECT_EQ(*arrived, contents);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "guest" / "empty.bin"));
  EXPECT_TRUE(
      wait_until([&] { return !std::filesystem::exists(folder_ / "guest" / "large.bin"); }));
  // Too much for the guest: it says so, and the client understands why.
  const std::string huge = host_file("huge.bin", Bytes(65u << 20));
  const std::string output = run_stock({"wait=caps", "file=" + huge, "wait=file huge.bin failed"});
  EXPECT_THAT(output, HasSubstr("lack of free space"));
}

TEST_F(AgentDemoTest, TheStockClientResizesTheDesktop) {
  const std::string output =
      run_stock({"wait=caps", "wait=primary 1024x768", "size=1280x800", "wait=primary 1280x800"});
  EXPECT_THAT(output, HasSubstr("primary 1024x768"));
  const auto ours = view(gateway_->uri());
  ASSERT_TRUE(ours) << ours.error().message();
  EXPECT_EQ(ours->screenshot.width, 1280u);
  EXPECT_EQ(ours->screenshot.height, 800u);
}

TEST_F(AgentDemoTest, OurSessionSharesItsClipboardWithTheStockClient) {
  OurSession ours(gateway_->uri());
  ASSERT_TRUE(ours.agent_up());
  (*ours).with_agent([](client::AgentLink& agent) {
    agent.grab(spice::Selection::clipboard, {spice::ClipboardType::utf8_text});
  });
  const auto answer = [&] {
    const auto wish = ours.wait<client::ClipboardWanted>([](const auto&) { return true; });
    ASSERT_TRUE(wish.has_value());
    (*ours).with_agent([](client::AgentLink& agent) {
      agent.provide(spice::Selection::clipboard, spice::ClipboardType::utf8_text, to_bytes("ours"));
    });
  };
  answer();  // the demo guest
  auto stock_client = Process::start(stock({"wait=grab 0 1", "request", "wait=data 0 1"}));
  ASSERT_TRUE(stock_client) << stock_client.error().message();
  answer();
  const auto status = stock_client->wait(std::chrono::seconds(20));
  ASSERT_TRUE(status) << stock_client->output();
  EXPECT_THAT(stock_client->output(), HasSubstr("data 0 1 ours\n"));

  // And the other way.
  auto holder = Process::start(stock({"wait=caps", "grab=theirs", "wait=never"}));
  ASSERT_TRUE(holder) << holder.error().message();
  ASSERT_TRUE(ours.wait<client::ClipboardGrabbed>([](const auto&) { return true; }));
  (*ours).with_agent([](client::AgentLink& agent) {
    agent.request(spice::Selection::clipboard, spice::ClipboardType::utf8_text);
  });
  const auto contents = ours.wait<client::ClipboardContents>([](const auto&) { return true; });
  ASSERT_TRUE(contents);
  EXPECT_EQ(as_text(contents->data.view()), "theirs");
}

TEST_F(AgentDemoTest, OurSessionSendsFilesAndAsksForAScreen) {
  OurSession ours(gateway_->uri());
  ASSERT_TRUE(ours.agent_up());
  const Bytes contents = noise(2000003);
  const std::string path = host_file("ours.bin", contents);
  const std::string folder = folder_ / "guest";
  (*ours).with_agent([path, folder](client::AgentLink& agent) {
    agent.send_file(path);
    agent.send_file(folder);  // not a file
  });
  bool refused = false;
  const auto end = ours.wait<client::FileMoved>([&](const auto& moved) {
    if (moved.progress.name == "guest") refused = moved.progress.error.has_value();
    return moved.progress.name == "ours.bin" && moved.progress.finished;
  });
  ASSERT_TRUE(end);
  EXPECT_FALSE(end->progress.error) << end->progress.error->message();
  EXPECT_TRUE(refused);
  EXPECT_EQ(*read_file(folder_ / "guest" / "ours.bin"), contents);

  (*ours).with_agent([](client::AgentLink& agent) {
    spice::AgentMonitorsConfig config;
    config.monitors = {{720, 1280, 32, 0, 0}};
    agent.send(config);
  });
  bool resized = false;
  EXPECT_TRUE(wait_until([&] {
    for (const auto& event : (*ours).take_events()) {
      const auto* display = std::get_if<client::DisplayEvent>(&event);
      const auto* made = display ? std::get_if<client::SurfaceCreated>(&display->change) : nullptr;
      if (made && made->surface.size == raster::Size{1280, 720}) resized = true;
    }
    return resized;
  }));
}

TEST_F(AgentDemoTest, PolicySwitchesHold) {
  client::SessionOptions options;
  options.clipboard = options.file_transfer = false;
  OurSession ours(gateway_->uri(), options);
  ASSERT_TRUE(ours.agent_up());
  const std::string path = host_file("kept.bin", noise(10));
  (*ours).with_agent([path](client::AgentLink& agent) {
    agent.grab(spice::Selection::clipboard, {spice::ClipboardType::utf8_text});
    agent.send_file(path);
  });
  const auto end =
      ours.wait<client::FileMoved>([](const auto& moved) { return moved.progress.finished; });
  ASSERT_TRUE(end);
  EXPECT_THAT(end->progress.error.value_or(Error(ErrorKind::internal, "")).message(),
              HasSubstr("--no-file-transfer"));
  // The stock client sees nobody's clipboard: its own grab is the first that it hears of.
  const std::string output =
      run_stock({"wait=caps", "wait=opened inputs", "type=copy g\\n", "wait=grab 0"});
  EXPECT_THAT(output, HasSubstr("grab 0 1"));
  EXPECT_EQ(output.find("grab"), output.rfind("grab 0"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "guest" / "kept.bin"));
}

}  // namespace
}  // namespace cassia::test
