// SPDX-License-Identifier: Apache-2.0
#include "protocol/recording/wire_tap.h"

#include <gtest/gtest.h>
#include <spice/enums.h>

#include "tests/unit/channels/harness.h"

namespace cassia::recording {
namespace {

using channels::ClientConnection;
using channels::LinkRequest;
using channels::RecordingChannel;
using channels::ServerConnection;

/// A client and a server with a tap on the line, which sees fragments of `fragment` bytes.
struct TappedLine {
  explicit TappedLine(std::size_t fragment_size) : fragment(fragment_size) {
    params.channel = {spice::ChannelType::inputs, 2};
    params.connection_id = 77;
    params.password = "secret";
    policy.password = "secret";
    policy.caps = spice::Capabilities{0};
    client = ClientConnection::create(params, std::make_unique<RecordingChannel>(client_log));
  }

  Result<void> run() {
    for (bool moved = true; moved;) {
      moved = false;
      const Bytes up = channels::drain(*client);
      CASSIA_TRY(see(up, true));
      (void)channels::feed(*server, up, up.size());
      const Bytes down = channels::drain(*server);
      CASSIA_TRY(see(down, false));
      (void)channels::feed(*client, down, down.size());
      moved = !up.empty() || !down.empty();
    }
    return {};
  }

  Result<void> see(ByteView bytes, bool from_client) {
    while (!bytes.empty()) {
      const ByteView part = bytes.first(std::min(fragment, bytes.size()));
      CASSIA_TRY(from_client ? tap.from_client(part) : tap.from_server(part));
      bytes = bytes.subspan(part.size());
    }
    return {};
  }

  std::size_t fragment;
  channels::ClientLinkParams params;
  RecordingChannel::Log client_log, server_log;
  channels::TestPolicy policy{
      [this](const LinkRequest&) { return std::make_unique<RecordingChannel>(server_log); }};
  std::unique_ptr<ServerConnection> server = ServerConnection::create(policy);
  std::unique_ptr<ClientConnection> client;
  std::optional<OpenInfo> opened;
  std::vector<Bytes> from_server, from_client;
  WireTap tap{{[this](const OpenInfo& info) { opened = info; },
               [this](ByteView message) { from_server.push_back(to_bytes(message)); },
               [this](ByteView message) { from_client.push_back(to_bytes(message)); }}};
};

TEST(WireTap, FindsTheHandshakeAndEveryMessageInAnyFragments) {
  for (const std::size_t fragment : {std::size_t{1}, std::size_t{7}, std::size_t{100000}}) {
    TappedLine line(fragment);
    ASSERT_TRUE(line.run());
    ASSERT_TRUE(line.opened);
    EXPECT_EQ(line.opened->channel, (spice::ChannelId{spice::ChannelType::inputs, 2}));
    EXPECT_EQ(line.opened->connection_id, 77u);
    EXPECT_TRUE(line.opened->mini);
    EXPECT_TRUE(line.opened->server_caps.has(0));
    line.from_server.clear();
    line.server_log.channel->say(101, Bytes(5000, 0xab));
    line.server_log.channel->say(102, {});
    line.client_log.channel->say(111, Bytes{1, 2, 3});
    ASSERT_TRUE(line.run());
    ASSERT_EQ(line.from_server.size(), 2u);
    EXPECT_EQ(line.from_server[0].size(), 5006u);
    EXPECT_EQ(line.from_server[1], (Bytes{102, 0, 0, 0, 0, 0}));
    ASSERT_FALSE(line.from_client.empty());
    EXPECT_EQ(line.from_client.back(), (Bytes{111, 0, 3, 0, 0, 0, 1, 2, 3}));
  }
}

TEST(WireTap, ARefusedClientIsNoSession) {
  TappedLine line(3);
  line.policy.password = "another";
  const auto seen = line.run();
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().kind(), ErrorKind::auth);
  EXPECT_FALSE(line.opened);
}

TEST(WireTap, NonsenseAndHugeMessagesAreErrors) {
  TappedLine noise(64);
  EXPECT_FALSE(noise.tap.from_client(as_bytes("GET / HTTP/1.1\r\n\r\n")));
  TappedLine line(64);
  ASSERT_TRUE(line.run());
  const Bytes header{101, 0, 0xff, 0xff, 0xff, 0xff};
  EXPECT_FALSE(line.tap.from_server(header));
}

}  // namespace
}  // namespace cassia::recording
