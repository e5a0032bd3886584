// SPDX-License-Identifier: Apache-2.0
// The gateway in this process, with the demo guest, and clients over a unix socket.

#include "server/gateway/gateway.h"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "channels/link/client_connection.h"
#include "channels/main/main_channel.h"
#include "channels/port/port_channel.h"
#include "net/pump.h"
#include "protocol/storage/rpc_client.h"

namespace cassia::server {
namespace {

namespace asio = boost::asio;
using spice::ChannelId;
using spice::ChannelType;

/// The main channel of a client.
class MainEvents final : public channels::MainClientEvents {
 public:
  void main_init(const channels::MainInit& init) override { init_ = init; }
  void main_channels(const std::vector<ChannelId>& ids) override {
    ids_ = ids;
    if (on_channels_) on_channels_();
  }
  void main_mouse_mode(std::uint32_t, channels::MouseMode) override {}
  void main_name(const std::string& name) override { name_ = name; }
  void main_notify(std::uint32_t, std::string_view text) override { notice_ = text; }
  void main_closed(const Error& why) override { closed_ = why; }

  channels::MainInit init_;
  std::vector<ChannelId> ids_;
  std::string name_;
  std::string notice_;
  std::optional<Error> closed_;
  std::function<void()> on_channels_;
};

class StorageEvents final : public channels::PortEvents {
 public:
  void port_opened(const std::string& name, bool opened) override {
    name_ = name;
    EXPECT_TRUE(opened);
    on_open_();
  }
  void port_data(ByteView data) override { EXPECT_TRUE(rpc_.receive(data)); }
  void port_event(channels::PortEvent) override {}
  void port_closed(const Error&) override {}

  channels::PortClient* channel_ = nullptr;
  storage::RpcClient rpc_{[this](const Bytes& bytes) { channel_->send_data(bytes); }};
  std::string name_;
  std::function<void()> on_open_;
};

class GatewayTest : public testing::Test {
 public:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "cassia-gw-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    address_ = {net::Transport::unix_socket, {}, 0, (folder_ / "s").string()};
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// Runs the gateway; `client` is started once it is ready and calls finish() at its end.
  void serve(GatewayConfig config, std::function<void()> client) {
    config.demo = true;
    config.listen = {address_};
    auto gateway = Gateway::create(io_.get_executor(), clock_, std::move(config), limits_);
    ASSERT_TRUE(gateway) << gateway.error().message();
    gateway_ = gateway->get();
    gateway_->start(std::move(client));
    io_.run();
    EXPECT_EQ(gateway_->sessions(), 0u);
    EXPECT_FALSE(std::filesystem::exists(address_.path));
  }
  void finish() {
    gateway_->stop([] {});  // the loop then runs out of work: nothing is left behind
  }

  void connect(channels::ClientLinkParams params, std::unique_ptr<channels::Channel> channel,
               std::function<void(Error)> ended = {}) {
    asio::co_spawn(io_, connection(params, std::move(channel), std::move(ended)), asio::detached);
  }
  net::Task<> connection(channels::ClientLinkParams params,
                         std::unique_ptr<channels::Channel> channel,
                         std::function<void(Error)> ended) {
    auto stream = co_await net::connect(address_);
    if (!stream) {
      ADD_FAILURE() << stream.error().message();
      co_return;
    }
    auto link = channels::ClientConnection::create(params, std::move(channel));
    const Error why = co_await net::pump(**stream, *link, clock_);
    if (ended) ended(why);
  }

  asio::io_context io_{1};
  SteadyClock clock_;
  GatewayLimits limits_;
  std::filesystem::path folder_;
  net::Address address_;
  Gateway* gateway_ = nullptr;
};

TEST_F(GatewayTest, MakesASessionAndTellsViewersOfTheEnd) {
  MainEvents events;
  events.on_channels_ = [&] {
    EXPECT_EQ(gateway_->sessions(), 1u);
    finish();
  };
  serve({}, [&] {
    connect({{ChannelType::main, 0}, 0, {}}, channels::MainClient::create(events));
  });
  EXPECT_NE(events.init_.session_id, 0u);
  EXPECT_EQ(events.name_, "Cassia demo guest");
  EXPECT_THAT(
      events.ids_,
      testing::IsSupersetOf({ChannelId{ChannelType::display, 0}, ChannelId{ChannelType::cursor, 0},
                             ChannelId{ChannelType::inputs, 0}, ChannelId{ChannelType::port, 0}}));
  EXPECT_EQ(events.notice_, "the gateway is shutting down");
  EXPECT_TRUE(events.closed_);
}

TEST_F(GatewayTest, WrongPasswordIsRefusedAndTheRightOneIsNot) {
  GatewayConfig config;
  config.password = "correct";
  MainEvents wrong, right;
  right.on_channels_ = [&] { finish(); };
  std::optional<Error> refused;
  serve(config, [&] {
    connect({{ChannelType::main, 0}, 0, "correct "}, channels::MainClient::create(wrong),
            [&](const Error& why) {
              refused = why;
              connect({{ChannelType::main, 0}, 0, "correct"}, channels::MainClient::create(right));
            });
  });
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->kind(), ErrorKind::auth);
  EXPECT_NE(right.init_.session_id, 0u);
}

TEST_F(GatewayTest, OtherChannelsNeedASession) {
  class Nothing final : public channels::PortEvents {
    void port_opened(const std::string&, bool) override { ADD_FAILURE(); }
    void port_data(ByteView) override {}
    void port_event(channels::PortEvent) override {}
    void port_closed(const Error&) override {}
  } events;
  std::optional<Error> refused;
  serve({}, [&] {
    connect({{ChannelType::port, 0}, 4711, {}}, channels::PortClient::create(events),
            [&](const Error& why) {
              refused = why;
              finish();
            });
  });
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->kind(), ErrorKind::invalid_argument) << refused->message();
}

TEST_F(GatewayTest, SilentPeerIsClosedAtTheDeadline) {
  limits_.handshake_timeout = std::chrono::milliseconds(30);
  bool closed = false;
  serve({}, [&] {
    asio::co_spawn(
        io_,
        [](GatewayTest* test, net::Address address, bool& done) -> net::Task<> {
          auto stream = co_await net::connect(std::move(address));
          std::uint8_t buffer[16];
          const auto got = co_await (*stream)->read_some(buffer);
          done = !got || *got == 0;
          test->finish();
        }(this, address_, closed),
        asio::detached);
  });
  EXPECT_TRUE(closed);
}

TEST_F(GatewayTest, StoragePortAnswersWithTheDemoDisks) {
  MainEvents main;
  StorageEvents port;
  std::vector<std::string> disks;
  port.on_open_ = [&] {
    port.rpc_.call("disk.list", nlohmann::json::object(), [&](Result<nlohmann::json> answer) {
      ASSERT_TRUE(answer) << answer.error().message();
      for (const auto& disk : *answer) disks.push_back(disk.at("id").get<std::string>());
      finish();
    });
  };
  main.on_channels_ = [&] {
    auto channel = channels::PortClient::create(port);
    port.channel_ = channel.get();
    connect({{ChannelType::port, 0}, main.init_.session_id, {}}, std::move(channel));
  };
  serve({}, [&] { connect({{ChannelType::main, 0}, 0, {}}, channels::MainClient::create(main)); });
  EXPECT_EQ(port.name_, "org.cassia.storage.0");
  EXPECT_THAT(disks, testing::UnorderedElementsAre("demo-a", "demo-b"));
}

}  // namespace
}  // namespace cassia::server
