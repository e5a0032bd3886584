// SPDX-License-Identifier: Apache-2.0
// Peers that never acknowledge, or never read: what is kept for them is bounded, whoever sends.

#include <gtest/gtest.h>

#include "channels/cursor/cursor_channel.h"
#include "channels/inputs/inputs_channel.h"
#include "channels/main/main_channel.h"
#include "tests/unit/channels/harness.h"

namespace cassia::channels {
namespace {

constexpr std::size_t bound = std::size_t{1} << 20;
constexpr int many = 300000;

struct MainQuiet : MainServerEvents {
  void main_opened() override {}
  void main_attach_channels() override {}
  void main_mouse_mode_request(MouseMode) override {}
  void main_closed(const Error&) override {}
};
struct CursorQuiet : CursorServerEvents {
  void cursor_opened() override {}
  void cursor_closed(const Error&) override {}
};
struct InputsQuiet : InputsServerEvents, InputsClientEvents {
  void inputs_opened() override {}
  void inputs_key_down(std::uint32_t) override {}
  void inputs_key_up(std::uint32_t) override {}
  void inputs_modifiers(std::uint16_t) override {}
  void inputs_mouse_motion(std::int32_t, std::int32_t, ButtonMask) override {}
  void inputs_mouse_position(std::uint32_t, std::uint32_t, ButtonMask, std::uint8_t) override {}
  void inputs_mouse_press(MouseButton, ButtonMask) override {}
  void inputs_mouse_release(MouseButton, ButtonMask) override {}
  void inputs_closed(const Error&) override {}
};

class FlowTest : public testing::TestWithParam<const char*> {
 protected:
  std::unique_ptr<Channel> make() {
    const std::string_view kind = GetParam();
    if (kind == "main") {
      auto made = MainServer::create(main_);
      say_ = [raw = made.get(), this] { raw->send_notify(0, text_); };
      return made;
    }
    if (kind == "cursor") {
      auto made = CursorServer::create(cursor_);
      say_ = [raw = made.get()] { raw->send_move({1, 2}); };
      return made;
    }
    auto made = InputsServer::create(inputs_);
    say_ = [raw = made.get()] { raw->send_modifiers(1); };
    return made;
  }

  MainQuiet main_;
  CursorQuiet cursor_;
  InputsQuiet inputs_;
  const std::string text_ = std::string(1000, 'x');
  std::function<void()> say_;
};

TEST_P(FlowTest, AClientThatNeverReadsIsCutOff) {
  RecordingChannel::Log log;
  Pair pair([this](const LinkRequest&) { return make(); }, std::make_unique<RecordingChannel>(log),
            {}, 4096, ServerConnectionLimits{.max_pending = bound});
  pair.pump();
  std::size_t most = 0;
  for (int i = 0; i < many && !pair.server->finished(); ++i) {
    say_();
    most = std::max(most, pair.server->channel()->link()->pending_output());
  }
  EXPECT_TRUE(pair.server->finished());
  EXPECT_LE(most, bound + 2000);
  EXPECT_TRUE(pair.server->take_output().empty());  // what waited is let go
}

TEST_P(FlowTest, AClientThatReadsButNeverAcknowledgesClosesTheWindow) {
  RecordingChannel::Log log;
  Pair pair([this](const LinkRequest&) { return make(); }, std::make_unique<RecordingChannel>(log),
            {}, 4096, ServerConnectionLimits{.ack_window = 10});
  pair.pump();
  MessageLink& link = *pair.server->channel()->link();
  int sent = 0;
  for (; sent < 1000 && link.writable(); ++sent) {
    say_();
    (void)drain(*pair.server);  // read, and nothing comes back
  }
  EXPECT_GE(sent, 20 - 3);  // less what opening it took
  EXPECT_LE(sent, 21);
  EXPECT_EQ(link.pending_output(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Servers, FlowTest, ::testing::Values("main", "cursor", "inputs"),
                         [](const auto& info) { return std::string(info.param); });

TEST(FlowClientTest, AServerThatNeverReadsCutsOffAClientThatGoesOnTyping) {
  InputsQuiet quiet;
  RecordingChannel::Log log;
  auto made = InputsClient::create(quiet);
  InputsClient* client = made.get();
  Pair pair([&](const LinkRequest&) { return std::make_unique<RecordingChannel>(log); },
            std::move(made));
  pair.pump();
  // Motion is held back by acks, keys are not: the line itself is bounded.
  int keys = 0;
  for (; keys < 3000000 && !pair.client->finished(); ++keys) client->key_down(0x1e);
  EXPECT_TRUE(pair.client->finished());
  EXPECT_LE(keys, 1 << 18);
}

}  // namespace
}  // namespace cassia::channels
