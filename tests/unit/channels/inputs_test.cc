// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <spice/enums.h>
#include <spice/protocol.h>

#include <limits>

#include "channels/inputs/inputs_channel.h"
#include "tests/unit/channels/harness.h"

namespace cassia::channels {
namespace {

struct ClientLog : InputsClientEvents {
  void inputs_modifiers(std::uint16_t m) override { modifiers.push_back(m); }
  void inputs_closed(const Error&) override {}
  std::vector<std::uint16_t> modifiers;
};

struct ServerLog : InputsServerEvents {
  void inputs_opened() override { opened = true; }
  void inputs_key_down(std::uint32_t c) override { keys.push_back(fmt::format("down {:x}", c)); }
  void inputs_key_up(std::uint32_t c) override { keys.push_back(fmt::format("up {:x}", c)); }
  void inputs_modifiers(std::uint16_t m) override { keys.push_back(fmt::format("mod {}", m)); }
  void inputs_mouse_motion(std::int32_t dx, std::int32_t dy, ButtonMask held) override {
    mouse.push_back(fmt::format("motion {} {} {}", dx, dy, held));
    total = {total.first + dx, total.second + dy};
  }
  void inputs_mouse_position(std::uint32_t x, std::uint32_t y, ButtonMask held,
                             std::uint8_t display) override {
    mouse.push_back(fmt::format("position {} {} {} {}", x, y, held, display));
  }
  void inputs_mouse_press(MouseButton b, ButtonMask held) override {
    mouse.push_back(fmt::format("press {} {}", static_cast<int>(b), held));
  }
  void inputs_mouse_release(MouseButton b, ButtonMask held) override {
    mouse.push_back(fmt::format("release {} {}", static_cast<int>(b), held));
  }
  void inputs_closed(const Error&) override {}
  bool opened = false;
  std::vector<std::string> keys;
  std::vector<std::string> mouse;
  std::pair<int, int> total;
};

class InputsTest : public testing::Test {
 protected:
  explicit InputsTest(bool scancodes = false) {
    auto made = InputsClient::create(client_log_);
    client_ = made.get();
    pair_ = std::make_unique<Pair>(
        [this](const LinkRequest&) {
          auto made_server = InputsServer::create(server_log_);
          server_ = made_server.get();
          return made_server;
        },
        std::move(made));
    if (scancodes) pair_->policy.caps = {SPICE_INPUTS_CAP_KEY_SCANCODE};
    pair_->pump();
  }

  ClientLog client_log_;
  ServerLog server_log_;
  InputsClient* client_ = nullptr;
  InputsServer* server_ = nullptr;
  std::unique_ptr<Pair> pair_;
};

TEST_F(InputsTest, KeysAndLights) {
  EXPECT_TRUE(server_log_.opened);
  EXPECT_EQ(client_log_.modifiers, std::vector<std::uint16_t>{0});
  client_->key_down(0x1e);
  client_->key_up(0x1e);
  client_->key_down(0x48e0);
  client_->key_up(0x48e0);
  client_->key_modifiers(KeyModifiers::caps_lock);
  server_->send_modifiers(KeyModifiers::num_lock);
  pair_->pump();
  EXPECT_EQ(server_log_.keys,
            (std::vector<std::string>{"down 1e", "up 1e", "down 48e0", "up 48e0", "mod 4"}));
  EXPECT_EQ(client_log_.modifiers.back(), KeyModifiers::num_lock);
}

TEST_F(InputsTest, MergedMotionOfAHostilePeerStaysInRange) {
  constexpr int most = std::numeric_limits<int>::max();
  for (int i = 0; i < 8; ++i) client_->mouse_motion(0, 0, 0);
  for (int i = 0; i < 3; ++i) client_->mouse_motion(most, -most, 0);  // merged: no ack has come
  pair_->pump();
  EXPECT_EQ(server_log_.mouse.back(), fmt::format("motion {} {} 0", most, -most));
}

TEST_F(InputsTest, ReleaseBitStandsWhereTheWireWantsIt) {
  pair_->client->take_output();
  client_->key_up(0x48e0);
  const Bytes out = drain(*pair_->client);
  ASSERT_EQ(out.size(), 10u);
  EXPECT_EQ(Bytes(out.begin() + 6, out.end()), (Bytes{0xe0, 0xc8, 0, 0}));
}

TEST_F(InputsTest, ScanCodeBytesOfOtherClients) {
  const Bytes codes = {0x1e, 0x9e, 0xe0, 0x48, 0xe0};
  ASSERT_TRUE(server_->on_message(SPICE_MSGC_INPUTS_KEY_SCANCODE, codes, {}).has_value());
  ASSERT_TRUE(server_->on_message(SPICE_MSGC_INPUTS_KEY_SCANCODE, Bytes{0xc8}, {}).has_value());
  EXPECT_EQ(server_log_.keys,
            (std::vector<std::string>{"down 1e", "up 1e", "down 48e0", "up 48e0"}));
}

TEST_F(InputsTest, PauseHasTwoBytesAfterItsPrefix) {
  client_->key_down(0x451de1);
  client_->key_up(0x451de1);
  pair_->pump();
  const Bytes codes = {0xe1, 0x1d, 0x45, 0xe1, 0x9d};
  ASSERT_TRUE(server_->on_message(SPICE_MSGC_INPUTS_KEY_SCANCODE, codes, {}).has_value());
  ASSERT_TRUE(server_->on_message(SPICE_MSGC_INPUTS_KEY_SCANCODE, Bytes{0xc5}, {}).has_value());
  EXPECT_EQ(server_log_.keys,
            (std::vector<std::string>{"down 451de1", "up 451de1", "down 451de1", "up 451de1"}));
}

class ScancodeInputsTest : public InputsTest {
 protected:
  ScancodeInputsTest() : InputsTest(true) {}
};

TEST_F(ScancodeInputsTest, ServersThatTakeScanCodesGetThem) {
  client_->key_down(0x48e0);
  client_->key_up(0x48e0);
  const Bytes out = drain(*pair_->client);
  const auto type = static_cast<std::uint8_t>(SPICE_MSGC_INPUTS_KEY_SCANCODE);
  EXPECT_EQ(out, (Bytes{type, 0, 2, 0, 0, 0, 0xe0, 0x48, type, 0, 2, 0, 0, 0, 0xe0, 0xc8}));
  ASSERT_TRUE(feed(*pair_->server, out, 1).has_value());
  client_->key_down(0x1e);
  client_->key_up(0x1e);
  client_->key_down(0x451de1);
  client_->key_up(0x451de1);
  pair_->pump();
  EXPECT_EQ(server_log_.keys, (std::vector<std::string>{"down 48e0", "up 48e0", "down 1e", "up 1e",
                                                        "down 451de1", "up 451de1"}));
}

TEST_F(InputsTest, AServerThatNeverAcknowledgesIsOwedEightMotionsAndNoMemory) {
  const std::uint64_t before = pair_->client->stats().messages_sent;
  for (int i = 0; i < 100000; ++i) {
    client_->mouse_motion(1, 1, 0);
    client_->mouse_position(1, 1, 0, 0);
  }
  // Nobody reads what has left: 8 motions of 10 or 11 bytes and their headers.
  EXPECT_LE(client_->link()->pending_output(), 8u * 17);
  EXPECT_EQ(pair_->client->stats().messages_sent - before, 8u);
}

TEST_F(InputsTest, TheServerAcknowledgesInBunches) {
  for (int i = 0; i < 7; ++i) client_->mouse_motion(1, 0, 0);
  const std::uint64_t before = pair_->server->stats().messages_sent;
  ASSERT_TRUE(feed(*pair_->server, drain(*pair_->client), 1).has_value());
  EXPECT_EQ(pair_->server->stats().messages_sent - before, 1u);  // of 4, and 3 wait for the fourth
}

TEST_F(InputsTest, MotionIsHeldBackAndMergedUntilItIsAcknowledged) {
  for (int i = 0; i < 100; ++i) client_->mouse_motion(1, -2, 0);
  // 8 leave at once, the rest as one.
  pair_->pump();
  EXPECT_EQ(server_log_.total, std::make_pair(100, -200));
  EXPECT_EQ(server_log_.mouse.size(), 9u);
  EXPECT_EQ(server_log_.mouse.back(), "motion 92 -184 0");
}

TEST_F(InputsTest, OnlyTheLastPositionMatters) {
  for (std::uint32_t i = 0; i < 100; ++i) client_->mouse_position(i, i + 1, 1, 2);
  pair_->pump();
  EXPECT_EQ(server_log_.mouse.size(), 9u);
  EXPECT_EQ(server_log_.mouse.back(), "position 99 100 1 2");
}

TEST_F(InputsTest, AButtonTakesWaitingMotionAlong) {
  for (int i = 0; i < 20; ++i) client_->mouse_motion(1, 0, 0);
  client_->mouse_press(MouseButton::left, 1);
  client_->mouse_release(MouseButton::wheel_down, 0);
  const Bytes out = drain(*pair_->client);
  ASSERT_TRUE(feed(*pair_->server, out, 1).has_value());  // no ack has come back
  EXPECT_EQ(server_log_.total, std::make_pair(20, 0));
  ASSERT_GE(server_log_.mouse.size(), 2u);
  EXPECT_EQ(server_log_.mouse[server_log_.mouse.size() - 2], "press 1 1");
  EXPECT_EQ(server_log_.mouse.back(), "release 5 0");
}

TEST_F(InputsTest, HostileMessages) {
  for (const int type : {SPICE_MSGC_INPUTS_KEY_DOWN, SPICE_MSGC_INPUTS_MOUSE_MOTION,
                         SPICE_MSGC_INPUTS_MOUSE_POSITION, SPICE_MSGC_INPUTS_MOUSE_PRESS}) {
    EXPECT_FALSE(server_->on_message(static_cast<std::uint16_t>(type), Bytes(2), {}).has_value());
  }
  EXPECT_FALSE(server_->on_message(777, {}, {}).has_value());
  // A button that does not exist is not an event.
  EXPECT_TRUE(server_->on_message(SPICE_MSGC_INPUTS_MOUSE_PRESS, Bytes{99, 0, 0}, {}).has_value());
  EXPECT_TRUE(server_log_.mouse.empty());
  EXPECT_FALSE(client_->on_message(SPICE_MSG_INPUTS_INIT, Bytes(1), {}).has_value());
}

}  // namespace
}  // namespace cassia::channels
