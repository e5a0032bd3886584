// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <spice/enums.h>

#include "channels/port/port_channel.h"
#include "tests/unit/channels/harness.h"

namespace cassia::channels {
namespace {

struct Log : PortEvents {
  void port_opened(const std::string& n, bool o) override { opened.emplace_back(n, o); }
  void port_data(ByteView d) override {
    data.insert(data.end(), d.begin(), d.end());
    largest = std::max(largest, d.size());
  }
  void port_event(PortEvent e) override { events.push_back(e); }
  void port_closed(const Error&) override { closed = true; }
  std::vector<std::pair<std::string, bool>> opened;
  Bytes data;
  std::size_t largest = 0;
  std::vector<PortEvent> events;
  bool closed = false;
};

TEST(PortTest, NameEventsAndDataBothWays) {
  Log client_log;
  Log server_log;
  PortServer* server = nullptr;
  auto made = PortClient::create(client_log);
  PortClient* client = made.get();
  Pair pair(
      [&](const LinkRequest&) {
        auto made_server = PortServer::create(server_log);
        server = made_server.get();
        return made_server;
      },
      std::move(made));
  pair.pump();
  ASSERT_EQ(server_log.opened.size(), 1u);
  server->send_init("org.cassia.storage.0", true);
  const Bytes big(200000, 0x5a);
  server->send_data(big);
  server->send_event(PortEvent::break_);
  client->send_event(PortEvent::opened);
  client->send_data(big);
  pair.pump();
  ASSERT_EQ(client_log.opened.size(), 1u);
  EXPECT_EQ(client_log.opened[0], std::make_pair(std::string("org.cassia.storage.0"), true));
  EXPECT_EQ(client_log.data, big);
  EXPECT_EQ(client_log.largest, port_chunk);
  EXPECT_EQ(server_log.data, big);
  EXPECT_EQ(client_log.events, std::vector<PortEvent>{PortEvent::break_});
  EXPECT_EQ(server_log.events, std::vector<PortEvent>{PortEvent::opened});
  pair.client->closed({ErrorKind::closed, "bye"});
  EXPECT_TRUE(client_log.closed);
}

TEST(PortTest, HostileMessages) {
  Log log;
  const auto client = PortClient::create(log);
  EXPECT_FALSE(client->on_message(SPICE_MSG_PORT_INIT, Bytes(8, 0xff), {}).has_value());
  EXPECT_FALSE(client->on_message(SPICE_MSG_PORT_INIT, Bytes(9, 0), {}).has_value());
  EXPECT_FALSE(client->on_message(SPICE_MSG_PORT_EVENT, {}, {}).has_value());
  EXPECT_FALSE(client->on_message(SPICE_MSG_PORT_EVENT, Bytes{3}, {}).has_value());
  const auto server = PortServer::create(log);
  EXPECT_FALSE(server->on_message(SPICE_MSGC_PORT_EVENT, {}, {}).has_value());
  EXPECT_FALSE(server->on_message(555, {}, {}).has_value());
  EXPECT_TRUE(log.opened.empty());
}

}  // namespace
}  // namespace cassia::channels
