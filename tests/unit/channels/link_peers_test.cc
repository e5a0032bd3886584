// SPDX-License-Identifier: Apache-2.0
// Peers of old, by taking capabilities out of what two of ours say to each other; and every
// SPICE_LINK_ERR_ code, said and understood.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spice/enums.h>
#include <spice/protocol.h>

#include "protocol/spice/header.h"
#include "protocol/spice/link.h"
#include "tests/unit/channels/harness.h"

namespace cassia::channels {
namespace {

using ::testing::HasSubstr;

constexpr std::uint16_t some_message = 150;

/// Clears common capabilities in a link message or reply that is on its way. `counts_at`: where the
/// number of words stands.
void withhold(Bytes& message, std::size_t counts_at, const std::vector<unsigned>& caps) {
  const ByteView view(message);
  const std::uint32_t words = wire::Reader(view.subspan(counts_at)).u32();
  const std::uint32_t offset = wire::Reader(view.subspan(counts_at + 8)).u32();
  ASSERT_GE(words, 1u);
  for (const unsigned cap : caps) {
    message[spice::link_header_size + offset + cap / 8] &=
        static_cast<std::uint8_t>(~(1u << (cap % 8)));
  }
}

/// What either peer is too old to know. A capability counts where both have it, so it is taken out
/// of both directions.
using Lacking = std::vector<unsigned>;

class OldPeers : public ::testing::TestWithParam<Lacking> {
 protected:
  /// The handshake.
  void shake_hands() {
    constexpr std::size_t in_message = spice::link_header_size + 6;
    constexpr std::size_t in_reply = spice::link_header_size + 4 + spice::ticket_key_size;
    Bytes link = drain(*pair.client);
    withhold(link, in_message, GetParam());
    ASSERT_TRUE(feed(*pair.server, link, 1).has_value());
    Bytes reply = drain(*pair.server);
    withhold(reply, in_reply, GetParam());
    ASSERT_TRUE(feed(*pair.client, reply, 1).has_value());
    pair.pump();
  }

  RecordingChannel::Log server_log;
  RecordingChannel::Log client_log;
  Pair pair{[this](const LinkRequest&) { return std::make_unique<RecordingChannel>(server_log); },
            std::make_unique<RecordingChannel>(client_log)};
};

TEST_P(OldPeers, TalkToOursInEitherRole) {
  shake_hands();
  ASSERT_TRUE(server_log.open && client_log.open);
  // Beyond the ack window both ways, with bodies of all sizes.
  for (std::size_t i = 0; i < 60; ++i) {
    server_log.channel->say(some_message, Bytes(i * i, static_cast<std::uint8_t>(i)));
    client_log.channel->say(some_message + 1, Bytes(i, static_cast<std::uint8_t>(i)));
    pair.pump();
  }
  ASSERT_FALSE(pair.server_error) << pair.server_error->message();
  ASSERT_FALSE(pair.client_error) << pair.client_error->message();
  ASSERT_EQ(client_log.messages.size(), 60u);
  ASSERT_EQ(server_log.messages.size(), 60u);
  EXPECT_EQ(client_log.messages[59].second, Bytes(59 * 59, 59));
  EXPECT_EQ(server_log.messages[59].second, Bytes(59, 59));
  EXPECT_TRUE(server_log.channel->link()->writable());  // acks count as ever

  // The header on the wire is the one that both know.
  const bool full = std::find(GetParam().begin(), GetParam().end(), SPICE_COMMON_CAP_MINI_HEADER) !=
                    GetParam().end();
  server_log.channel->say(some_message, {1, 2, 3});
  EXPECT_EQ(drain(*pair.server).size(),
            3 + spice::header_size(full ? spice::HeaderKind::full : spice::HeaderKind::mini));
}

constexpr unsigned mini = SPICE_COMMON_CAP_MINI_HEADER;
constexpr unsigned selection = SPICE_COMMON_CAP_PROTOCOL_AUTH_SELECTION;
constexpr unsigned ticket = SPICE_COMMON_CAP_AUTH_SPICE;

INSTANTIATE_TEST_SUITE_P(Link, OldPeers,
                         ::testing::Values(Lacking{}, Lacking{mini}, Lacking{selection},
                                           Lacking{mini, selection, ticket}));

/// A server of old by hand, for a client that asked for everything.
struct OldServerByHand {
  RecordingChannel::Log log;
  std::unique_ptr<ClientConnection> client =
      ClientConnection::create({}, std::make_unique<RecordingChannel>(log));

  explicit OldServerByHand(spice::Capabilities common) {
    drain(*client);
    spice::LinkReply reply;
    reply.common = std::move(common);
    std::copy_n(test_key()->public_key().begin(), reply.public_key.size(),
                reply.public_key.begin());
    EXPECT_TRUE(feed(*client, reply.encode(), 3).has_value());
    mechanism_and_ticket = drain(*client);
    EXPECT_TRUE(feed(*client, Bytes{0, 0, 0, 0}, 1).has_value());
    EXPECT_TRUE(client->open());
  }
  /// A message with a full header and this list of sub-messages behind `body`.
  Bytes message(std::uint64_t serial, std::uint16_t type, Bytes body,
                const std::vector<spice::SubMessage>& subs) {
    const auto list_at = static_cast<std::uint32_t>(body.size());
    // The offsets of a list count from the start of the body that it stands in.
    wire::Writer writer;
    writer.bytes(body);
    writer.u16(static_cast<std::uint16_t>(subs.size()));
    std::uint32_t at = list_at + 2 + 4 * static_cast<std::uint32_t>(subs.size());
    for (const auto& sub : subs) {
      writer.u32(at);
      at += 6 + static_cast<std::uint32_t>(sub.body.size());
    }
    for (const auto& sub : subs) {
      writer.u16(sub.type);
      writer.u32(static_cast<std::uint32_t>(sub.body.size()));
      writer.bytes(sub.body);
    }
    const Bytes whole = writer.take();
    Bytes out = spice::encode_header(
        spice::HeaderKind::full,
        {serial, type, static_cast<std::uint32_t>(whole.size()), subs.empty() ? 0 : list_at});
    out.insert(out.end(), whole.begin(), whole.end());
    return out;
  }

  Bytes mechanism_and_ticket;
};

TEST(OldServer, SeveralSubMessagesInSeveralMessagesInAnyPieces) {
  for (const std::size_t fragment : {1, 5, 19, 100000}) {
    OldServerByHand old({});
    EXPECT_EQ(old.mechanism_and_ticket.size(), spice::ticket_size);
    Bytes wire;
    const Bytes a = {1}, b = {2, 2}, c = {3, 3, 3}, none;
    for (std::uint64_t serial = 1; serial <= 3; ++serial) {
      const Bytes one = old.message(serial, some_message, {9, 9, 9, 9},
                                    {{some_message + 1, a},
                                     {some_message + 2, b},
                                     {some_message + 3, c},
                                     {some_message + 4, none}});
      wire.insert(wire.end(), one.begin(), one.end());
      const Bytes alone = old.message(serial, some_message + 9, {7}, {});
      wire.insert(wire.end(), alone.begin(), alone.end());
    }
    ASSERT_TRUE(feed(*old.client, wire, fragment).has_value());
    ASSERT_EQ(old.log.messages.size(), 18u);
    for (std::size_t i = 0; i < 18; i += 6) {
      EXPECT_EQ(old.log.messages[i].second, a);
      EXPECT_EQ(old.log.messages[i + 1].second, b);
      EXPECT_EQ(old.log.messages[i + 2].second, c);
      EXPECT_EQ(old.log.messages[i + 3].second, none);
      EXPECT_EQ(old.log.messages[i + 4].first, some_message);
      EXPECT_EQ(old.log.messages[i + 5].first, some_message + 9);
    }
  }
}

TEST(OldServer, WithoutAChoiceOfAuthenticationTheTicketComesAtOnce) {
  EXPECT_EQ(OldServerByHand({mini}).mechanism_and_ticket.size(), spice::ticket_size);
  EXPECT_EQ(OldServerByHand({mini, selection, ticket}).mechanism_and_ticket.size(),
            4 + spice::ticket_size);
}

TEST(LinkErrors, TheServerSaysEveryCode) {
  const auto said = [](Error refusal, bool early) {
    RecordingChannel::Log log;
    TestPolicy policy(
        [&log](const LinkRequest&) { return std::make_unique<RecordingChannel>(log); });
    (early ? policy.refusal : policy.open_refusal) = std::move(refusal);
    const auto server = ServerConnection::create(policy);
    RecordingChannel::Log client_log;
    const auto client =
        ClientConnection::create({}, std::make_unique<RecordingChannel>(client_log));
    const auto linked = feed(*server, drain(*client), 1);
    EXPECT_EQ(linked.has_value(), !early);
    Bytes answer = drain(*server);
    if (!early) {
      EXPECT_TRUE(feed(*client, answer, 1).has_value());
      EXPECT_FALSE(feed(*server, drain(*client), 1).has_value());
      answer = drain(*server);
      return wire::Reader(answer).u32();
    }
    return wire::Reader(ByteView(answer).subspan(spice::link_header_size)).u32();
  };
  for (const bool early : {true, false}) {
    EXPECT_EQ(said({ErrorKind::not_found, ""}, early),
              std::uint32_t{SPICE_LINK_ERR_CHANNEL_NOT_AVAILABLE});
    EXPECT_EQ(said({ErrorKind::invalid_argument, ""}, early),
              std::uint32_t{SPICE_LINK_ERR_BAD_CONNECTION_ID});
    EXPECT_EQ(said({ErrorKind::permission, ""}, early), std::uint32_t{SPICE_LINK_ERR_NEED_SECURED});
    EXPECT_EQ(said({ErrorKind::auth, ""}, early), std::uint32_t{SPICE_LINK_ERR_PERMISSION_DENIED});
    EXPECT_EQ(said({ErrorKind::malformed, ""}, early), std::uint32_t{SPICE_LINK_ERR_INVALID_DATA});
    EXPECT_EQ(said({ErrorKind::internal, ""}, early), std::uint32_t{SPICE_LINK_ERR_ERROR});
  }
  EXPECT_EQ(said({ErrorKind::unsupported, ""}, true), std::uint32_t{SPICE_LINK_ERR_NEED_UNSECURED});
}

TEST(LinkErrors, TheClientUnderstandsEveryCode) {
  const std::vector<std::tuple<std::uint32_t, ErrorKind, const char*>> all = {
      {SPICE_LINK_ERR_ERROR, ErrorKind::malformed, "error"},
      {SPICE_LINK_ERR_INVALID_MAGIC, ErrorKind::malformed, "magic"},
      {SPICE_LINK_ERR_INVALID_DATA, ErrorKind::malformed, "invalid data"},
      {SPICE_LINK_ERR_VERSION_MISMATCH, ErrorKind::unsupported, "version"},
      {SPICE_LINK_ERR_NEED_SECURED, ErrorKind::permission, "needs TLS"},
      {SPICE_LINK_ERR_NEED_UNSECURED, ErrorKind::unsupported, "must not use TLS"},
      {SPICE_LINK_ERR_PERMISSION_DENIED, ErrorKind::auth, "permission denied"},
      {SPICE_LINK_ERR_BAD_CONNECTION_ID, ErrorKind::invalid_argument, "connection id"},
      {SPICE_LINK_ERR_CHANNEL_NOT_AVAILABLE, ErrorKind::not_found, "not available"}};
  for (const auto& [code, kind, words] : all) {
    RecordingChannel::Log log;
    const auto client = ClientConnection::create({}, std::make_unique<RecordingChannel>(log));
    EXPECT_FALSE(client->refusal());
    spice::LinkReply reply;
    reply.error = code;
    const auto taken = feed(*client, reply.encode(), 1);
    ASSERT_FALSE(taken) << code;
    EXPECT_EQ(taken.error().kind(), kind) << code;
    EXPECT_THAT(taken.error().message(), HasSubstr(words)) << code;
    EXPECT_EQ(client->refusal(), code);
  }
}

TEST(LinkErrors, SizesThatAPeerStatesCostNothing) {
  // A link message or reply of 4 GiB is refused by its header: nothing is kept or waited for.
  for (const std::uint32_t size : {4097u, 0x7fffffffu, 0xffffffffu}) {
    const Bytes header = wire::encode(
        spice::LinkHeader{SPICE_MAGIC, SPICE_VERSION_MAJOR, SPICE_VERSION_MINOR, size});
    RecordingChannel::Log log;
    TestPolicy policy(
        [&log](const LinkRequest&) { return std::make_unique<RecordingChannel>(log); });
    const auto server = ServerConnection::create(policy);
    EXPECT_FALSE(feed(*server, header, 1).has_value()) << size;
    const auto client = ClientConnection::create({}, std::make_unique<RecordingChannel>(log));
    EXPECT_FALSE(feed(*client, header, 1).has_value()) << size;
  }
}

}  // namespace
}  // namespace cassia::channels
