// SPDX-License-Identifier: Apache-2.0
// What the main channel says of a migration, both roles, and its exact bytes.

#include <gtest/gtest.h>
#include <spice/enums.h>
#include <spice/protocol.h>

#include "channels/main/main_channel.h"
#include "tests/unit/channels/harness.h"

namespace cassia::channels {
namespace {

struct ClientLog : MainClientEvents {
  void main_init(const MainInit&) override { ++inits; }
  void main_channels(const std::vector<spice::ChannelId>&) override {}
  void main_mouse_mode(std::uint32_t, MouseMode) override {}
  void main_agent_connected(bool c) override { agent = c; }
  void main_migrate_begin(const MigrationTarget& t, std::optional<std::uint32_t> v) override {
    target = t;
    said.push_back(v ? fmt::format("begin {}", *v) : "begin");
  }
  void main_migrate_cancel() override { said.emplace_back("cancel"); }
  void main_migrate_end() override { said.emplace_back("end"); }
  void main_migrate_switch_host(const MigrationTarget& t) override {
    target = t;
    said.emplace_back("switch");
  }
  void main_closed(const Error&) override {}
  std::vector<std::string> said;
  MigrationTarget target;
  int inits = 0;
  bool agent = false;
};

struct ServerLog : MainServerEvents {
  void main_opened() override {}
  void main_attach_channels() override { said.emplace_back("attach"); }
  void main_mouse_mode_request(MouseMode) override {}
  void main_round_trip(Duration) override { ++round_trips; }
  void main_migrate_connected(bool s) override { said.emplace_back(s ? "seamless" : "connected"); }
  void main_migrate_connect_error() override { said.emplace_back("error"); }
  void main_migrate_end() override { said.emplace_back("end"); }
  void main_migrate_do_seamless(std::uint32_t v) override {
    said.push_back(fmt::format("do {}", v));
  }
  void main_closed(const Error&) override {}
  std::vector<std::string> said;
  int round_trips = 0;
};

class MainMigrationTest : public testing::Test {
 protected:
  explicit MainMigrationTest(bool follows = true) {
    auto made = MainClient::create(client_log_, {follows});
    client_ = made.get();
    pair_ = std::make_unique<Pair>(
        [this](const LinkRequest&) {
          auto made_server = MainServer::create(server_log_);
          server_ = made_server.get();
          return made_server;
        },
        std::move(made), ClientLinkParams{{spice::ChannelType::main, 0}}, 4096,
        ServerConnectionLimits{.ping_main = true});
    pair_->pump();
  }

  ClientLog client_log_;
  ServerLog server_log_;
  MainClient* client_ = nullptr;
  MainServer* server_ = nullptr;
  std::unique_ptr<Pair> pair_;
  const MigrationTarget target_{"vm7.example", 5900, 5901, "C=XX,CN=vm7"};
};

TEST_F(MainMigrationTest, EveryMessageBothWays) {
  EXPECT_TRUE(server_->send_migrate_begin(target_, std::nullopt));
  EXPECT_TRUE(server_->send_migrate_begin(target_, 1));
  server_->send_migrate_cancel();
  server_->send_migrate_end();
  server_->send_migrate_switch_host({"10.0.0.9", 5902, 0, ""});
  client_->send_migrate_connected(false);
  client_->send_migrate_connected(true);
  client_->send_migrate_connect_error();
  pair_->pump();
  EXPECT_EQ(client_log_.said,
            (std::vector<std::string>{"begin", "begin 1", "cancel", "end", "switch"}));
  EXPECT_EQ(client_log_.target.host, "10.0.0.9");
  EXPECT_EQ(client_log_.target.cert_subject, "");
  EXPECT_EQ(server_log_.said, (std::vector<std::string>{"connected", "seamless", "error"}));
  EXPECT_EQ(server_log_.round_trips, 1);
}

TEST_F(MainMigrationTest, TheDestinationIsReadFromItsBytes) {
  const Bytes body = {0x0c, 0x17, 0x0d, 0x17, 4, 0, 0,   0,   20,  0, 0,   0,   3, 0,
                      0,    0,    24,   0,    0, 0, 'v', 'm', '7', 0, 'A', '=', 0};
  ASSERT_TRUE(client_->on_message(SPICE_MSG_MAIN_MIGRATE_BEGIN, body, {}));
  EXPECT_EQ(client_log_.target.port, 5900);
  EXPECT_EQ(client_log_.target.tls_port, 5901);
  EXPECT_EQ(client_log_.target.host, "vm7");
  EXPECT_EQ(client_log_.target.cert_subject, "A=");
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_FALSE(client_->on_message(SPICE_MSG_MAIN_MIGRATE_BEGIN, ByteView(body).first(size), {}));
  }
  for (const std::size_t broken : {7u, 8u, 11u, 19u, 23u}) {
    Bytes wrong = body;
    wrong[broken] = 0xff;  // sizes and pointers beyond the message, a name without an end
    EXPECT_FALSE(client_->on_message(SPICE_MSG_MAIN_MIGRATE_SWITCH_HOST, wrong, {})) << broken;
  }
}

TEST_F(MainMigrationTest, ASeamlessDestinationIsAskedAndAnswers) {
  ASSERT_TRUE(
      server_->on_message(SPICE_MSGC_MAIN_MIGRATE_DST_DO_SEAMLESS, encode_do_seamless(7), {}));
  EXPECT_EQ(server_log_.said, std::vector<std::string>{"do 7"});
  const std::uint64_t before = pair_->client->stats().messages_received;
  server_->send_seamless_answer(true);
  server_->send_seamless_answer(false);
  pair_->pump();
  EXPECT_EQ(pair_->client->stats().messages_received - before, 2u);
}

TEST_F(MainMigrationTest, AfterTheEndTheChannelsAreNotAttachedAnewAndTheAgentIsGone) {
  MainInit init;
  init.agent_connected = true;
  server_->send_init(init);
  pair_->pump();
  EXPECT_TRUE(client_log_.agent);
  client_->send_migrate_end();
  EXPECT_FALSE(client_log_.agent);
  server_->send_init(init);
  pair_->pump();
  EXPECT_EQ(server_log_.said, (std::vector<std::string>{"attach", "end"}));
  EXPECT_EQ(client_log_.inits, 2);
  EXPECT_TRUE(client_log_.agent);
}

class StayingClientTest : public MainMigrationTest {
 protected:
  StayingClientTest() : MainMigrationTest(false) {}
};

TEST_F(StayingClientTest, IsNotSentWhatItDidNotOffer) {
  EXPECT_FALSE(server_->send_migrate_begin(target_, std::nullopt));
  EXPECT_FALSE(server_->send_migrate_begin(target_, 1));
}

TEST_F(MainMigrationTest, ClientInfoAndQualityAreChecked) {
  EXPECT_TRUE(server_->on_message(SPICE_MSGC_MAIN_CLIENT_INFO, Bytes(8), {}));
  EXPECT_FALSE(server_->on_message(SPICE_MSGC_MAIN_CLIENT_INFO, Bytes(7), {}));
  EXPECT_TRUE(server_->on_message(SPICE_MSGC_MAIN_QUALITY_INDICATOR, Bytes(3), {}));
}

}  // namespace
}  // namespace cassia::channels
