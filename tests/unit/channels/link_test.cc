// SPDX-License-Identifier: Apache-2.0
// The link handshake and the base messages, both roles against each other.

#include "protocol/spice/link.h"

#include <gtest/gtest.h>
#include <spice/enums.h>
#include <spice/protocol.h>

#include "channels/link/ticket.h"
#include "protocol/spice/base_messages.h"
#include "protocol/spice/header.h"
#include "tests/unit/channels/harness.h"

namespace cassia::channels {
namespace {

constexpr std::uint16_t some_message = 150;

struct Ends {
  RecordingChannel::Log server_log;
  RecordingChannel::Log client_log;
  std::unique_ptr<Pair> pair;

  explicit Ends(ClientLinkParams params = {}, std::size_t fragment = 1,
                ServerConnectionLimits limits = {}) {
    pair = std::make_unique<Pair>(
        [this](const LinkRequest&) { return std::make_unique<RecordingChannel>(server_log); },
        std::make_unique<RecordingChannel>(client_log), std::move(params), fragment, limits);
  }
};

TEST(LinkTest, HandshakeAndMessagesInAnyFragments) {
  for (const std::size_t fragment : {1, 2, 3, 7, 64, 100000}) {
    ClientLinkParams params;
    params.channel = {spice::ChannelType::port, 3};
    params.connection_id = 77;
    params.password = "secret";
    Ends ends(params, fragment);
    ends.pair->policy.password = "secret";
    ends.pair->pump();
    ASSERT_TRUE(ends.client_log.open);
    ASSERT_TRUE(ends.server_log.open);
    EXPECT_EQ(ends.pair->policy.last.channel, params.channel);
    EXPECT_EQ(ends.pair->policy.last.connection_id, 77u);
    EXPECT_EQ(ends.server_log.channel->link()->id(), params.channel);

    ends.client_log.channel->say(some_message, {1, 2, 3});
    ends.client_log.channel->say(some_message + 1, {});
    ends.server_log.channel->say(some_message, Bytes(5000, 9));
    ends.server_log.channel->say(some_message + 1, {4});
    ends.pair->pump();
    ASSERT_EQ(ends.server_log.messages.size(), 2u);
    EXPECT_EQ(ends.server_log.messages[0].second, (Bytes{1, 2, 3}));
    EXPECT_EQ(ends.server_log.messages[1].first, some_message + 1);
    ASSERT_EQ(ends.client_log.messages.size(), 2u);
    EXPECT_EQ(ends.client_log.messages[0].second, Bytes(5000, 9));
    EXPECT_EQ(ends.client_log.messages[1].second, (Bytes{4}));
    EXPECT_EQ(ends.pair->client->stats().bytes_sent, ends.pair->server->stats().bytes_received);
    EXPECT_EQ(ends.pair->server->stats().bytes_sent, ends.pair->client->stats().bytes_received);
  }
}

TEST(LinkTest, WrongPasswordIsToldAndNothingOpens) {
  ClientLinkParams params;
  params.password = "guess";
  Ends ends(params);
  ends.pair->policy.password = "secret";
  ends.pair->pump();
  EXPECT_FALSE(ends.pair->server->open());
  EXPECT_EQ(ends.pair->server->channel(), nullptr);
  ASSERT_TRUE(ends.pair->server_error);
  EXPECT_EQ(ends.pair->server_error->kind(), ErrorKind::auth);
  ASSERT_TRUE(ends.pair->client_error);
  EXPECT_EQ(ends.pair->client_error->kind(), ErrorKind::auth);
  EXPECT_EQ(ends.pair->client_error->message(), "wrong password");
  ASSERT_TRUE(ends.client_log.closed);
  EXPECT_EQ(ends.client_log.closed->kind(), ErrorKind::auth);
}

TEST(LinkTest, PasswordsHaveALimit) {
  ClientLinkParams params;
  params.password = std::string(61, 'x');
  Ends ends(params);
  ends.pair->pump();
  ASSERT_TRUE(ends.pair->client_error);
  EXPECT_EQ(ends.pair->client_error->kind(), ErrorKind::invalid_argument);

  params.password = std::string(60, 'x');
  Ends longest(params);
  longest.pair->policy.password = params.password;
  longest.pair->pump();
  EXPECT_TRUE(longest.pair->client->open());
}

TEST(LinkTest, RefusalsKeepTheirKind) {
  for (const ErrorKind kind : {ErrorKind::not_found, ErrorKind::invalid_argument,
                               ErrorKind::permission, ErrorKind::auth, ErrorKind::malformed}) {
    for (const bool early : {true, false}) {
      Ends ends;
      (early ? ends.pair->policy.refusal : ends.pair->policy.open_refusal) = Error(kind, "no");
      ends.pair->pump();
      ASSERT_TRUE(ends.pair->client_error);
      EXPECT_EQ(ends.pair->client_error->kind(), kind) << to_string(kind) << early;
      EXPECT_EQ(ends.pair->server_error->kind(), kind);
      EXPECT_FALSE(ends.client_log.open);
    }
  }
}

TEST(LinkTest, TicketKeyHasTheSizeOfTheWireAndDecryptsItsOwn) {
  EXPECT_EQ(test_key()->public_key().size(), std::size_t{SPICE_TICKET_PUBKEY_BYTES});
  const auto ticket = encrypt_ticket(test_key()->public_key(), "hello");
  ASSERT_TRUE(ticket.has_value());
  EXPECT_EQ(ticket->size(), spice::ticket_size);
  EXPECT_EQ(*test_key()->decrypt(*ticket), "hello");
  EXPECT_FALSE(test_key()->decrypt(Bytes(128, 3)).has_value());
  EXPECT_FALSE(encrypt_ticket(Bytes(162, 3), "hello").has_value());
}

TEST(LinkTest, AClientThatIsCutOffIsToldOfAtOnce) {
  ServerConnectionLimits limits;
  limits.max_pending = 1000;
  Ends ends({}, 1, limits);
  ends.pair->pump();
  // The pump hears of it by this call only: its write to the stopped client does not end.
  bool finished_when_woken = false;
  ends.pair->server->set_wake([&] { finished_when_woken = ends.pair->server->finished(); });
  for (int i = 0; i < 3; ++i) ends.server_log.channel->say(some_message, Bytes(500, 1));
  EXPECT_TRUE(ends.pair->server->finished());
  EXPECT_TRUE(finished_when_woken);
}

TEST(LinkTest, SmallMessagesDoNotPileUpWithoutBound) {
  Ends ends;
  ends.pair->pump();
  int sent = 0;
  while (!ends.pair->server->finished() && sent < 1000000) {
    ends.server_log.channel->say(some_message, {});
    ++sent;
  }
  EXPECT_LT(sent, 1000000);
}

TEST(LinkTest, WhoPausesReadingHearsOfEveryWrite) {
  Ends ends;
  ends.pair->pump();
  RecordingChannel& channel = *ends.server_log.channel;
  // More than the ack window, so that it is not writable when all has left.
  for (int i = 0; i < 100; ++i) channel.say(some_message, {1});
  channel.link()->pause_reading(true);
  const int before = ends.server_log.writable;
  drain(*ends.pair->server);
  EXPECT_FALSE(channel.link()->writable());
  EXPECT_EQ(channel.link()->pending_output(), 0u);
  EXPECT_EQ(ends.server_log.writable, before + 1);
}

/// A client of old: full headers, no choice of authentication.
struct OldClient {
  RecordingChannel::Log log;
  TestPolicy policy{[this](const LinkRequest&) { return std::make_unique<RecordingChannel>(log); }};
  std::unique_ptr<ServerConnection> server = ServerConnection::create(policy);

  Bytes link() {
    spice::LinkMessage message;
    message.channel_type = 1;
    return message.encode();
  }
};

TEST(LinkTest, ServerSpeaksToClientsWithoutCapabilities) {
  OldClient old;
  ASSERT_TRUE(feed(*old.server, old.link(), 1).has_value());
  const Bytes reply = drain(*old.server);
  const auto parsed = spice::LinkReply::parse(ByteView(reply).subspan(16));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->error, std::uint32_t{SPICE_LINK_ERR_OK});
  // No mechanism: the ticket follows at once.
  ASSERT_TRUE(feed(*old.server, *encrypt_ticket(parsed->public_key, ""), 1).has_value());
  ASSERT_TRUE(old.server->open());
  Bytes out = drain(*old.server);
  EXPECT_EQ(wire::Reader(out).u32(), std::uint32_t{SPICE_LINK_ERR_OK});
  const auto header = spice::parse_header(spice::HeaderKind::full, ByteView(out).subspan(4));
  EXPECT_EQ(header.serial, 1u);
  EXPECT_EQ(header.type, std::uint16_t{SPICE_MSG_SET_ACK});
  EXPECT_EQ(header.size, 8u);
  EXPECT_EQ(out.size(), 4u + 18 + 8);

  spice::MessageHeader mine;
  mine.serial = 1;
  mine.type = some_message;
  mine.size = 2;
  Bytes message = spice::encode_header(spice::HeaderKind::full, mine);
  message.insert(message.end(), {5, 6});
  ASSERT_TRUE(feed(*old.server, message, 1).has_value());
  ASSERT_EQ(old.log.messages.size(), 1u);
  EXPECT_EQ(old.log.messages[0].second, (Bytes{5, 6}));
}

/// A server of old, by hand: full headers with sub-messages.
struct OldServer {
  RecordingChannel::Log log;
  std::unique_ptr<ClientConnection> client =
      ClientConnection::create({}, std::make_unique<RecordingChannel>(log));

  void open() {
    drain(*client);
    spice::LinkReply reply;
    std::copy_n(test_key()->public_key().begin(), reply.public_key.size(),
                reply.public_key.begin());
    ASSERT_TRUE(feed(*client, reply.encode(), 1).has_value());
    const Bytes ticket = drain(*client);
    ASSERT_EQ(ticket.size(), spice::ticket_size);  // and no mechanism before it
    EXPECT_EQ(*test_key()->decrypt(ticket), "");
    ASSERT_TRUE(feed(*client, Bytes{0, 0, 0, 0}, 1).has_value());
    ASSERT_TRUE(client->open());
  }
  Result<void> say(std::uint16_t type, const Bytes& body, std::uint32_t sub_list = 0) {
    Bytes message = spice::encode_header(
        spice::HeaderKind::full, {1, type, static_cast<std::uint32_t>(body.size()), sub_list});
    message.insert(message.end(), body.begin(), body.end());
    return feed(*client, message, 1);
  }
};

TEST(LinkTest, SubMessagesComeBeforeTheirMessage) {
  OldServer old;
  old.open();
  const Bytes first = {1};
  const Bytes second = {2, 2};
  Bytes body = {9, 9, 9, 9};
  const std::uint32_t list_at = 4;
  wire::Writer writer;
  writer.bytes(body);
  writer.u16(2);
  writer.u32(list_at + 10);
  writer.u32(list_at + 17);
  writer.u16(some_message);
  writer.u32(1);
  writer.bytes(first);
  writer.u16(some_message + 1);
  writer.u32(2);
  writer.bytes(second);
  ASSERT_TRUE(old.say(some_message + 2, writer.take(), list_at).has_value());
  ASSERT_EQ(old.log.messages.size(), 3u);
  EXPECT_EQ(old.log.messages[0].second, first);
  EXPECT_EQ(old.log.messages[1].second, second);
  EXPECT_EQ(old.log.messages[2].first, some_message + 2);
}

TEST(LinkTest, ListMessagesAreUnpackedAndDoNotNest) {
  OldServer old;
  old.open();
  const Bytes inner = {1, 2, 3};
  ASSERT_TRUE(
      old.say(SPICE_MSG_LIST, spice::encode_sub_messages({{some_message, inner}})).has_value());
  ASSERT_EQ(old.log.messages.size(), 1u);
  EXPECT_EQ(old.log.messages[0].second, inner);
  const Bytes list = spice::encode_sub_messages({{some_message, inner}});
  EXPECT_FALSE(
      old.say(SPICE_MSG_LIST, spice::encode_sub_messages({{SPICE_MSG_LIST, list}})).has_value());
}

TEST(LinkTest, ClientAnswersPingAndKnowsAGoodbye) {
  OldServer old;
  old.open();
  drain(*old.client);
  spice::Ping ping;
  ping.id = 7;
  ping.timestamp = 99;
  ping.data = wire::Blob(SharedBytes(Bytes(1000, 0)));
  ASSERT_TRUE(old.say(SPICE_MSG_PING, wire::encode(ping)).has_value());
  const Bytes pong = drain(*old.client);
  const auto header = spice::parse_header(spice::HeaderKind::full, pong);
  EXPECT_EQ(header.type, std::uint16_t{SPICE_MSGC_PONG});
  EXPECT_EQ(header.size, 12u);
  EXPECT_EQ(wire::parse<spice::Ping>(ByteView(pong).subspan(18))->timestamp, 99u);

  spice::Notify notify;
  notify.text = "keyboard channel is insecure";
  ASSERT_TRUE(old.say(SPICE_MSG_NOTIFY, wire::encode(notify)).has_value());
  EXPECT_EQ(old.log.notices, std::vector<std::string>{"keyboard channel is insecure"});

  ASSERT_TRUE(old.say(SPICE_MSG_DISCONNECTING, wire::encode(spice::Disconnecting{})).has_value());
  EXPECT_TRUE(old.client->finished());
  old.client->closed({ErrorKind::closed, "end of file"});
  old.client->closed({ErrorKind::closed, "again"});
  ASSERT_TRUE(old.log.closed);
  EXPECT_NE(old.log.closed->message().find("disconnects"), std::string::npos);
}

TEST(LinkTest, ClientAcknowledgesEveryWindow) {
  OldServer old;
  old.open();
  drain(*old.client);
  ASSERT_TRUE(old.say(SPICE_MSG_SET_ACK, wire::encode(spice::SetAck{5, 3})).has_value());
  const Bytes sync = drain(*old.client);
  EXPECT_EQ(spice::parse_header(spice::HeaderKind::full, sync).type,
            std::uint16_t{SPICE_MSGC_ACK_SYNC});
  EXPECT_EQ(wire::Reader(sync).at(18).u32(), 5u);
  std::size_t acks = 0;
  for (int i = 0; i < 7; ++i) {
    ASSERT_TRUE(old.say(some_message, {}).has_value());
    const Bytes out = drain(*old.client);
    if (out.empty()) continue;
    EXPECT_EQ(spice::parse_header(spice::HeaderKind::full, out).type,
              std::uint16_t{SPICE_MSGC_ACK});
    ++acks;
  }
  EXPECT_EQ(acks, 2u);
}

TEST(LinkTest, ServerStopsAtTwiceTheWindowAndGoesOnWithAcks) {
  ServerConnectionLimits limits;
  limits.ack_window = 4;
  Ends ends({}, 1000, limits);
  ends.pair->pump();
  RecordingChannel& server = *ends.server_log.channel;
  int sent = 0;
  for (; server.link()->writable() && sent < 100; ++sent) server.say(some_message, {});
  EXPECT_EQ(sent, 9);
  EXPECT_EQ(ends.server_log.writable, 0);
  ends.pair->pump();  // two acks come back
  EXPECT_TRUE(server.link()->writable());
  EXPECT_EQ(ends.server_log.writable, 1);
}

TEST(LinkTest, PendingBytesCloseTheWindowUntilTheyAreWritten) {
  ServerConnectionLimits limits;
  limits.writable_below = 1000;
  limits.max_pending = 10000;
  Ends ends({}, 1000, limits);
  ends.pair->pump();
  RecordingChannel& server = *ends.server_log.channel;
  server.say(some_message, Bytes(2000));
  EXPECT_FALSE(server.link()->writable());
  EXPECT_GE(server.link()->pending_output(), 2000u);
  const auto pieces = ends.pair->server->take_output();
  EXPECT_FALSE(server.link()->writable());  // taken is not written
  ends.pair->server->written(2006);
  EXPECT_TRUE(server.link()->writable());
  EXPECT_EQ(ends.server_log.writable, 1);

  // A peer that takes nothing at all is cut off.
  for (int i = 0; i < 10; ++i) server.say(some_message, Bytes(2000));
  EXPECT_TRUE(ends.pair->server->finished());
  EXPECT_TRUE(ends.pair->server->take_output().empty());
}

TEST(LinkTest, CloseFlushesAndPauseIsSeen) {
  Ends ends;
  ends.pair->pump();
  int wakes = 0;
  ends.pair->server->set_wake([&] { ++wakes; });
  RecordingChannel& server = *ends.server_log.channel;
  server.link()->pause_reading(true);
  EXPECT_TRUE(ends.pair->server->reading_paused());
  server.link()->pause_reading(false);
  EXPECT_FALSE(ends.pair->server->reading_paused());
  EXPECT_EQ(wakes, 2);
  server.say(some_message, {1});
  server.link()->close();
  EXPECT_TRUE(ends.pair->server->finished());
  server.say(some_message, {2});  // too late
  ends.pair->pump();
  EXPECT_EQ(ends.client_log.messages.size(), 1u);
}

TEST(LinkTest, SharedPiecesTravelWithoutACopy) {
  Ends ends;
  ends.pair->pump();
  const SharedBytes image(Bytes(1000, 1));
  ends.server_log.channel->link()->send(some_message, {SharedBytes(Bytes{1}), image});
  const auto out = ends.pair->server->take_output();
  ASSERT_EQ(out.size(), 3u);
  EXPECT_EQ(out[2].data(), image.data());
}

}  // namespace
}  // namespace cassia::channels
