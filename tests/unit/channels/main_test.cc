// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <spice/enums.h>

#include "channels/main/main_channel.h"
#include "protocol/spice/main_messages.h"
#include "tests/unit/channels/harness.h"

namespace cassia::channels {
namespace {

struct ClientLog : MainClientEvents {
  void main_init(const MainInit& i) override { init = i; }
  void main_channels(const std::vector<spice::ChannelId>& c) override { channels = c; }
  void main_mouse_mode(std::uint32_t s, MouseMode m) override { mode = {s, m}; }
  void main_multi_media_time(std::uint32_t t) override { time = t; }
  void main_agent_connected(bool c) override { agent.push_back(c); }
  Result<void> main_agent_data(ByteView d) override {
    data.insert(data.end(), d.begin(), d.end());
    return {};
  }
  void main_agent_writable() override { ++writable; }
  void main_name(const std::string& n) override { name = n; }
  void main_uuid(const Uuid& u) override { uuid = u; }
  void main_notify(std::uint32_t s, std::string_view t) override { notice = {s, std::string(t)}; }
  void main_closed(const Error&) override { closed = true; }
  MainInit init;
  std::vector<spice::ChannelId> channels;
  std::pair<std::uint32_t, MouseMode> mode;
  std::uint32_t time = 0;
  std::vector<bool> agent;
  Bytes data;
  std::string name;
  Uuid uuid{};
  std::pair<std::uint32_t, std::string> notice;
  bool closed = false;
  int writable = 0;
};

struct ServerLog : MainServerEvents {
  void main_opened() override { opened = true; }
  void main_attach_channels() override { attached = true; }
  void main_mouse_mode_request(MouseMode m) override { requested = m; }
  void main_agent_started() override { ++started; }
  Result<void> main_agent_data(ByteView d) override {
    data.insert(data.end(), d.begin(), d.end());
    chunks.push_back(d.size());
    if (refuse) return fail(ErrorKind::malformed, "not an agent message");
    return {};
  }
  void main_closed(const Error&) override {}
  bool opened = false;
  bool attached = false;
  std::optional<MouseMode> requested;
  Bytes data;
  std::vector<std::size_t> chunks;
  int started = 0;
  bool refuse = false;
};

class MainTest : public testing::Test {
 protected:
  MainTest() {
    auto made = MainClient::create(client_log_);
    client_ = made.get();
    pair_ = std::make_unique<Pair>(
        [this](const LinkRequest&) {
          auto made_server = MainServer::create(server_log_);
          server_ = made_server.get();
          return made_server;
        },
        std::move(made));
    pair_->pump();
  }
  static Bytes counting(std::size_t size) {
    Bytes data(size);
    for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
    return data;
  }

  ClientLog client_log_;
  ServerLog server_log_;
  MainClient* client_ = nullptr;
  MainServer* server_ = nullptr;
  std::unique_ptr<Pair> pair_;
};

TEST_F(MainTest, EveryMessageArrives) {
  ASSERT_TRUE(server_log_.opened);
  MainInit init;
  init.session_id = 42;
  init.current_mouse_mode = 2;
  init.multi_media_time = 1000;
  server_->send_init(init);
  server_->send_channels({{spice::ChannelType::display, 1}, {spice::ChannelType::port, 200}});
  server_->send_mouse_mode(3, MouseMode::client);
  server_->send_multi_media_time(2000);
  server_->send_name("a guest");
  Uuid uuid{};
  uuid[15] = 9;
  server_->send_uuid(uuid);
  server_->send_notify(1, "guest restarting");
  client_->request_mouse_mode(MouseMode::server);
  pair_->pump();
  EXPECT_EQ(client_log_.init.session_id, 42u);
  EXPECT_EQ(client_log_.init.current_mouse_mode, 2u);
  EXPECT_FALSE(client_log_.init.agent_connected);
  EXPECT_TRUE(server_log_.attached);
  ASSERT_EQ(client_log_.channels.size(), 2u);
  EXPECT_EQ(client_log_.channels[1], (spice::ChannelId{spice::ChannelType::port, 200}));
  EXPECT_EQ(client_log_.mode, std::make_pair(3u, MouseMode::client));
  EXPECT_EQ(client_log_.time, 2000u);
  EXPECT_EQ(client_log_.name, "a guest");
  EXPECT_EQ(client_log_.uuid, uuid);
  EXPECT_EQ(client_log_.notice.second, "guest restarting");
  EXPECT_EQ(server_log_.requested, MouseMode::server);
  EXPECT_FALSE(pair_->client_error);
  EXPECT_FALSE(pair_->server_error);
}

std::vector<SharedBytes> message(std::size_t head, Bytes body) {
  return {SharedBytes(Bytes(head)), SharedBytes(std::move(body))};
}
Bytes joined(const std::vector<SharedBytes>& pieces) {
  Bytes all;
  for (const auto& piece : pieces) all.insert(all.end(), piece.data(), piece.data() + piece.size());
  return all;
}

TEST_F(MainTest, AgentDataGoesBothWaysUnderTokens) {
  EXPECT_FALSE(client_->send_agent_message(message(10, {})).has_value());  // no agent yet
  server_->send_init({});
  server_->send_agent_connected(true, 3);
  EXPECT_FALSE(server_->send_agent_message(message(10, {})).has_value());  // nobody listens yet
  pair_->pump();
  EXPECT_EQ(client_log_.agent, std::vector<bool>{true});
  EXPECT_EQ(server_log_.started, 1);

  const auto data = message(20, counting(50000));
  ASSERT_TRUE(client_->send_agent_message(data).has_value());
  EXPECT_TRUE(server_log_.chunks.empty());
  EXPECT_EQ(client_->agent_backlog(), 50020u - 3 * 2048);
  pair_->pump();  // the server returns tokens as it takes chunks
  EXPECT_EQ(server_log_.data, joined(data));
  EXPECT_EQ(server_log_.chunks.size(), 25u);
  EXPECT_EQ(client_->agent_backlog(), 0u);
  EXPECT_GT(client_log_.writable, 0);

  const auto large = message(20, counting(500000));  // more than the client's first tokens
  ASSERT_TRUE(server_->send_agent_message(large).has_value());
  EXPECT_GT(server_->agent_backlog(), 0u);
  pair_->pump();
  EXPECT_EQ(client_log_.data, joined(large));

  server_->send_agent_connected(false, 0);
  pair_->pump();
  EXPECT_EQ(client_log_.agent, (std::vector<bool>{true, false}));
  EXPECT_FALSE(client_->send_agent_message(data).has_value());
  EXPECT_FALSE(server_->send_agent_message(data).has_value());
  EXPECT_FALSE(pair_->client_error);
  EXPECT_FALSE(pair_->server_error);
}

// libspice's server cuts off a client that joins two messages, or splits a header.
TEST_F(MainTest, AnAgentMessageBeginsInAMessageOfItsOwn) {
  server_->send_init({});
  server_->send_agent_connected(true, 100);
  pair_->pump();
  ASSERT_TRUE(client_->send_agent_message(message(20, Bytes(2029))).has_value());
  ASSERT_TRUE(client_->send_agent_message(message(20, Bytes(4))).has_value());
  ASSERT_TRUE(client_->send_agent_message(message(20, {})).has_value());
  pair_->pump();
  EXPECT_EQ(server_log_.chunks, (std::vector<std::size_t>{2048, 1, 24, 20}));
}

TEST_F(MainTest, WithoutTokensNothingIsSentAndLittleIsHeld) {
  MainInit init;
  init.agent_connected = true;
  server_->send_init(init);  // no tokens at all
  pair_->pump();
  const SharedBytes megabyte(Bytes(1u << 20));
  ASSERT_TRUE(client_->send_agent_message({megabyte}).has_value());
  pair_->pump();
  EXPECT_TRUE(server_log_.chunks.empty());
  const auto more = client_->send_agent_message(message(1, {}));
  ASSERT_FALSE(more.has_value());
  EXPECT_EQ(more.error().kind(), ErrorKind::busy);
  // Nor in the other direction, once the client's tokens are spent.
  EXPECT_TRUE(server_->send_agent_message({megabyte}).has_value());
  (void)drain(*pair_->server);  // the client never sees it, and returns nothing
  const std::size_t held = server_->agent_backlog();
  EXPECT_GE(held, (1u << 20) - 64 * 2048);
  EXPECT_TRUE(server_->send_agent_message({megabyte}).has_value());
  EXPECT_FALSE(server_->send_agent_message({megabyte}).has_value());
  EXPECT_LE(server_->agent_backlog(), std::size_t{2} << 20);
  // A single message too large for any clipboard.
  EXPECT_FALSE(client_->send_agent_message({SharedBytes(Bytes(33u << 20))}).has_value());
}

TEST_F(MainTest, AClientThatGrantsAllTokensAndDoesNotReadHoldsLittle) {
  server_->send_init({});
  server_->send_agent_connected(true, 10);
  pair_->pump();
  const Bytes all = wire::encode(spice::AgentTokens{0xffffff00});
  ASSERT_TRUE(server_->on_message(SPICE_MSGC_MAIN_AGENT_TOKEN, all, {}).has_value());
  ASSERT_TRUE(server_->send_agent_message({SharedBytes(Bytes(5u << 20))}).has_value());
  EXPECT_LT(server_->link()->pending_output(), 512u << 10);
  EXPECT_GT(server_->agent_backlog(), 4u << 20);
  EXPECT_FALSE(server_->send_agent_message({SharedBytes(Bytes(1))}).has_value());
  pair_->pump();  // it reads after all
  EXPECT_EQ(client_log_.data.size(), 5u << 20);
}

TEST_F(MainTest, PausedAgentDataStopsTheSender) {
  server_->send_init({});
  server_->send_agent_connected(true, 10);
  pair_->pump();
  server_->pause_agent(true);
  ASSERT_TRUE(client_->send_agent_message(message(20, Bytes(100000))).has_value());
  pair_->pump();
  EXPECT_EQ(server_log_.chunks.size(), 10u);
  server_->pause_agent(false);
  pair_->pump();
  EXPECT_EQ(server_log_.data.size(), 100020u);

  client_->pause_agent(true);
  ASSERT_TRUE(server_->send_agent_message(message(20, Bytes(500000))).has_value());
  pair_->pump();
  EXPECT_EQ(client_log_.data.size(), 64u * 2048);
  client_->pause_agent(false);
  pair_->pump();
  EXPECT_EQ(client_log_.data.size(), 500020u);
}

TEST_F(MainTest, WhatWasMeantForAnEarlierAgentIsDropped) {
  server_->send_init({});
  server_->send_agent_connected(true, 10);
  pair_->pump();
  ASSERT_TRUE(client_->send_agent_message(message(20, Bytes(50000))).has_value());
  // Half a message is on its way when the agent restarts.
  server_->send_agent_connected(false, 0);
  server_->send_agent_connected(true, 10);
  pair_->pump();
  EXPECT_EQ(client_log_.agent, (std::vector<bool>{true, false, true}));
  EXPECT_TRUE(server_log_.data.empty());
  EXPECT_EQ(server_log_.started, 2);
  ASSERT_TRUE(client_->send_agent_message(message(20, Bytes(50000))).has_value());
  pair_->pump();
  EXPECT_EQ(server_log_.data.size(), 50020u);
  EXPECT_FALSE(pair_->server_error);
}

TEST_F(MainTest, AClientThatSpendsTokensItHasNotIsCutOff) {
  MainInit init;
  init.agent_connected = true;
  init.agent_tokens = 2;
  server_->send_init(init);
  pair_->pump();
  // The real client would wait; this one speaks for itself.
  EXPECT_TRUE(server_->on_message(SPICE_MSGC_MAIN_AGENT_DATA, Bytes(2048), {}).has_value());
  EXPECT_FALSE(server_->on_message(SPICE_MSGC_MAIN_AGENT_DATA, Bytes(2049), {}).has_value());
  server_log_.refuse = true;
  EXPECT_FALSE(server_->on_message(SPICE_MSGC_MAIN_AGENT_DATA, Bytes(1), {}).has_value());
  server_->send_agent_connected(true, 0);
  pair_->pump();
  EXPECT_FALSE(server_->on_message(SPICE_MSGC_MAIN_AGENT_DATA, Bytes(1), {}).has_value());
}

TEST_F(MainTest, HostileMessages) {
  for (const int type :
       {SPICE_MSG_MAIN_INIT, SPICE_MSG_MAIN_CHANNELS_LIST, SPICE_MSG_MAIN_MOUSE_MODE,
        SPICE_MSG_MAIN_NAME, SPICE_MSG_MAIN_UUID, SPICE_MSG_MAIN_AGENT_TOKEN}) {
    const Bytes body = {0xff, 0xff, 0xff};
    EXPECT_FALSE(client_->on_message(static_cast<std::uint16_t>(type), body, {}).has_value());
  }
  // A list that states four billion channels.
  EXPECT_FALSE(client_->on_message(SPICE_MSG_MAIN_CHANNELS_LIST, Bytes(4, 0xff), {}).has_value());
  EXPECT_TRUE(client_->on_message(999, Bytes(3), {}).has_value());  // of a newer server
  EXPECT_FALSE(server_->on_message(999, Bytes(3), {}).has_value());
  EXPECT_FALSE(server_->on_message(SPICE_MSGC_MAIN_AGENT_START, Bytes(3), {}).has_value());
}

}  // namespace
}  // namespace cassia::channels
