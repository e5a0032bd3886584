// SPDX-License-Identifier: Apache-2.0
// Peers that break the rules of the link: each a clear error, in both roles, at any fragment size.

#include <gtest/gtest.h>
#include <spice/enums.h>
#include <spice/protocol.h>

#include "protocol/spice/base_messages.h"
#include "protocol/spice/header.h"
#include "protocol/spice/link.h"
#include "tests/unit/channels/harness.h"

namespace cassia::channels {
namespace {

struct ServerUnderTest {
  RecordingChannel::Log log;
  TestPolicy policy{[this](const LinkRequest&) { return std::make_unique<RecordingChannel>(log); }};
  std::unique_ptr<ServerConnection> server = ServerConnection::create(policy);

  /// What the server tells a client that sent `bytes`: the error code of its reply.
  std::uint32_t refusal_of(const Bytes& bytes) {
    EXPECT_FALSE(feed(*server, bytes, 1).has_value());
    const Bytes out = drain(*server);
    if (out.size() < 20) return 0xffffffff;
    return wire::Reader(out).at(16).u32();
  }
};

Bytes link_header(std::uint32_t magic, std::uint32_t major, std::uint32_t size) {
  return wire::encode(spice::LinkHeader{magic, major, 2, size});
}

TEST(HostileLinkTest, ServerAnswersWithTheRightCode) {
  EXPECT_EQ(ServerUnderTest().refusal_of(to_bytes("GET / HTTP/1.1\r\n\r\n")),
            std::uint32_t{SPICE_LINK_ERR_INVALID_MAGIC});
  EXPECT_EQ(ServerUnderTest().refusal_of(link_header(SPICE_MAGIC, 1, 18)),
            std::uint32_t{SPICE_LINK_ERR_VERSION_MISMATCH});
  EXPECT_EQ(ServerUnderTest().refusal_of(link_header(SPICE_MAGIC, 2, 17)),
            std::uint32_t{SPICE_LINK_ERR_INVALID_DATA});
  EXPECT_EQ(ServerUnderTest().refusal_of(link_header(SPICE_MAGIC, 2, 0xffffffff)),
            std::uint32_t{SPICE_LINK_ERR_INVALID_DATA});
}

TEST(HostileLinkTest, ServerChecksTheCapabilitiesOfTheLinkMessage) {
  for (const auto& [common, channel, offset] :
       std::vector<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>>{{0xffffffff, 1, 18},
                                                                            {1, 0xffffffff, 18},
                                                                            {1, 0, 0},
                                                                            {1, 0, 17},
                                                                            {2, 0, 18},
                                                                            {1, 0, 0xfffffffc}}) {
    wire::Writer writer;
    writer.bytes(link_header(SPICE_MAGIC, 2, 22));
    writer.u32(0);
    writer.u8(1);
    writer.u8(0);
    writer.u32(common);
    writer.u32(channel);
    writer.u32(offset);
    writer.u32(0);
    EXPECT_EQ(ServerUnderTest().refusal_of(writer.take()),
              std::uint32_t{SPICE_LINK_ERR_INVALID_DATA})
        << common << " " << channel << " " << offset;
  }
}

TEST(HostileLinkTest, ServerRefusesOtherMechanisms) {
  ServerUnderTest under;
  spice::LinkMessage message;
  message.channel_type = 1;
  message.common = {SPICE_COMMON_CAP_PROTOCOL_AUTH_SELECTION, SPICE_COMMON_CAP_AUTH_SASL};
  ASSERT_TRUE(feed(*under.server, message.encode(), 1).has_value());
  drain(*under.server);
  const auto done = feed(*under.server, Bytes{SPICE_COMMON_CAP_AUTH_SASL, 0, 0, 0}, 1);
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().kind(), ErrorKind::unsupported);
}

TEST(HostileLinkTest, ATicketOfNoiseIsAWrongPassword) {
  ServerUnderTest under;
  spice::LinkMessage message;
  message.channel_type = 1;
  ASSERT_TRUE(feed(*under.server, message.encode(), 1).has_value());
  drain(*under.server);
  const auto done = feed(*under.server, Bytes(spice::ticket_size, 0x55), 1);
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().kind(), ErrorKind::auth);
  EXPECT_EQ(wire::Reader(drain(*under.server)).u32(),
            std::uint32_t{SPICE_LINK_ERR_PERMISSION_DENIED});
}

/// Both ends open, so that a test can speak as either to the other.
struct OpenPair {
  RecordingChannel::Log server_log;
  RecordingChannel::Log client_log;
  Pair pair{[this](const LinkRequest&) { return std::make_unique<RecordingChannel>(server_log); },
            std::make_unique<RecordingChannel>(client_log)};
  OpenPair() { pair.pump(); }
};

Bytes mini_message(std::uint16_t type, std::uint32_t size, Bytes body = {}) {
  Bytes message = spice::encode_header(spice::HeaderKind::mini, {0, type, size, 0});
  message.insert(message.end(), body.begin(), body.end());
  return message;
}

TEST(HostileLinkTest, OversizedMessagesAreRefusedByTheirHeader) {
  OpenPair open;
  const auto by_server = feed(*open.pair.client, mini_message(200, (64u << 20) + 1), 1);
  ASSERT_FALSE(by_server.has_value());
  EXPECT_EQ(by_server.error().kind(), ErrorKind::malformed);
  const auto by_client = feed(*open.pair.server, mini_message(200, (1u << 20) + 1), 1);
  ASSERT_FALSE(by_client.has_value());
  EXPECT_EQ(by_client.error().kind(), ErrorKind::malformed);
}

TEST(HostileLinkTest, TruncatedBaseMessagesAreErrors) {
  for (const std::uint16_t type :
       {SPICE_MSG_SET_ACK, SPICE_MSG_PING, SPICE_MSG_NOTIFY, SPICE_MSG_DISCONNECTING,
        SPICE_MSG_LIST, SPICE_MSG_WAIT_FOR_CHANNELS, SPICE_MSG_MIGRATE}) {
    OpenPair open;
    EXPECT_FALSE(feed(*open.pair.client, mini_message(type, 0), 1).has_value()) << type;
  }
  OpenPair open;
  EXPECT_FALSE(feed(*open.pair.server, mini_message(SPICE_MSGC_ACK_SYNC, 0), 1).has_value());
}

TEST(HostileLinkTest, UnknownBaseMessagesAreErrors) {
  OpenPair open;
  EXPECT_FALSE(feed(*open.pair.client, mini_message(0, 0), 1).has_value());
  EXPECT_FALSE(feed(*open.pair.client, mini_message(99, 0), 1).has_value());
  OpenPair other;
  EXPECT_FALSE(feed(*other.pair.server, mini_message(50, 0), 1).has_value());
}

TEST(HostileLinkTest, SurplusAcksDoNotOpenTheWindowFurther) {
  OpenPair open;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(feed(*open.pair.server, mini_message(SPICE_MSGC_ACK, 0), 6).has_value());
  }
  int sent = 0;
  for (; open.server_log.channel->link()->writable() && sent < 1000; ++sent) {
    open.server_log.channel->say(200, {});
  }
  EXPECT_EQ(sent, 41);
}

struct ClientUnderTest {
  RecordingChannel::Log log;
  std::unique_ptr<ClientConnection> client =
      ClientConnection::create({}, std::make_unique<RecordingChannel>(log));
  ErrorKind refusal_of(const Bytes& bytes) {
    const auto done = feed(*client, bytes, 1);
    return done ? ErrorKind::internal : done.error().kind();
  }
};

TEST(HostileLinkTest, ClientChecksTheReply) {
  EXPECT_EQ(ClientUnderTest().refusal_of(to_bytes("SSH-2.0-OpenSSH_9.2\r\n")),
            ErrorKind::malformed);
  EXPECT_EQ(ClientUnderTest().refusal_of(link_header(SPICE_MAGIC, 3, 178)), ErrorKind::unsupported);
  EXPECT_EQ(ClientUnderTest().refusal_of(link_header(SPICE_MAGIC, 2, 177)), ErrorKind::malformed);
  EXPECT_EQ(ClientUnderTest().refusal_of(link_header(SPICE_MAGIC, 2, 5000)), ErrorKind::malformed);
  spice::LinkReply bad_key;  // all zero
  EXPECT_EQ(ClientUnderTest().refusal_of(bad_key.encode()), ErrorKind::malformed);
  spice::LinkReply refused;
  refused.error = SPICE_LINK_ERR_NEED_SECURED;
  EXPECT_EQ(ClientUnderTest().refusal_of(refused.encode()), ErrorKind::permission);
  refused.error = 4711;
  EXPECT_EQ(ClientUnderTest().refusal_of(refused.encode()), ErrorKind::malformed);
}

TEST(HostileLinkTest, AServerOfSaslOnlyIsUnsupported) {
  spice::LinkReply reply;
  std::copy_n(test_key()->public_key().begin(), reply.public_key.size(), reply.public_key.begin());
  reply.common = {SPICE_COMMON_CAP_PROTOCOL_AUTH_SELECTION, SPICE_COMMON_CAP_AUTH_SASL};
  EXPECT_EQ(ClientUnderTest().refusal_of(reply.encode()), ErrorKind::unsupported);
}

}  // namespace
}  // namespace cassia::channels
