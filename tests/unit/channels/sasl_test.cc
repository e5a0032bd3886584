// SPDX-License-Identifier: Apache-2.0
// The SASL exchange of the link, both roles: with cyrus-sasl on either side, and with peers that
// break the rules.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spice/enums.h>
#include <spice/protocol.h>

#include "channels/sasl/cyrus.h"
#include "protocol/spice/link.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/channels/harness.h"
#include "tests/unit/channels/toy_sasl.h"

namespace cassia::channels {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uint16_t some_message = 150;

/// A pair whose policy offers SASL.
struct SaslEnds {
  RecordingChannel::Log server_log;
  RecordingChannel::Log client_log;

  using MakeServer = std::function<Result<std::unique_ptr<SaslServer>>()>;
  using MakeClient = std::function<Result<std::unique_ptr<SaslClient>>()>;

  class Policy final : public TestPolicy {
   public:
    using TestPolicy::TestPolicy;
    bool takes_tickets() const override { return tickets; }
    Result<std::unique_ptr<SaslServer>> make_sasl(const LinkRequest&) override { return make(); }
    Result<void> check_user(const LinkRequest&, const std::string& who) override {
      user = who;
      if (user_refusal) return fail(*user_refusal);
      return {};
    }
    bool tickets = false;
    MakeServer make;
    std::string user;
    std::optional<Error> user_refusal;
  };

  Policy policy{
      [this](const LinkRequest&) { return std::make_unique<RecordingChannel>(server_log); }};
  std::unique_ptr<ServerConnection> server = ServerConnection::create(policy);
  std::unique_ptr<ClientConnection> client;
  std::optional<Error> server_error, client_error;
  Bytes on_the_wire;  ///< all that the server has sent

  SaslEnds(MakeServer make_server, MakeClient make_client, bool prefer = true) {
    policy.make = std::move(make_server);
    ClientLinkParams params;
    params.make_sasl = std::move(make_client);
    params.prefer_sasl = prefer;
    client =
        ClientConnection::create(std::move(params), std::make_unique<RecordingChannel>(client_log));
  }

  bool move(Endpoint& from, Endpoint& to, std::optional<Error>& error, std::size_t fragment) {
    const Bytes bytes = drain(from);
    if (&from == server.get()) on_the_wire.insert(on_the_wire.end(), bytes.begin(), bytes.end());
    if (bytes.empty() || error) return false;
    if (auto done = feed(to, bytes, fragment); !done) {
      error = done.error();
      to.closed(*error);
    }
    return true;
  }
  void pump(std::size_t fragment = 1) {
    for (bool moved = true; moved;) {
      moved = move(*client, *server, server_error, fragment);
      moved = move(*server, *client, client_error, fragment) || moved;
    }
  }
};

/// A user database of a test's own.
class Cyrus : public ::testing::Test {
 protected:
  void SetUp() override {
    test::ProcessOptions options;
    options.input = "pencil";
    const auto made = test::run(
        {"/usr/sbin/saslpasswd2", "-p", "-c", "-f", settings.database, "-u", "cassia", "alice"},
        options);
    ASSERT_TRUE(made) << made.error().message();
    ASSERT_EQ(made->status, 0) << made->errors;
  }

  std::unique_ptr<SaslEnds> ends(const std::string& mechanisms, const SaslTransport& transport,
                                 const std::string& password, const std::string& user = "alice") {
    settings.mechanisms = mechanisms;
    return std::make_unique<SaslEnds>(
        [this, transport] { return make_cyrus_server(settings, transport); },
        [=] {
          return make_cyrus_client({user, password}, "localhost", transport);
        });
  }

  test::TemporaryFolder folder;
  SaslServerSettings settings{(folder / "users.db").string(), "cassia", ""};
  const SaslTransport tls{256, false};
  const SaslTransport plain{0, false};
  const SaslTransport local{0, true};
};

void expect_open_and_talking(SaslEnds& ends, std::size_t fragment) {
  ASSERT_TRUE(ends.server->open()) << (ends.server_error ? ends.server_error->message() : "") << " "
                                   << (ends.client_error ? ends.client_error->message() : "");
  ASSERT_TRUE(ends.client->open());
  EXPECT_EQ(ends.policy.user, "alice");
  Bytes big(100000);
  for (std::size_t i = 0; i < big.size(); ++i) big[i] = static_cast<std::uint8_t>(i * 7);
  ends.client_log.channel->say(some_message, {1, 2, 3});
  ends.client_log.channel->say(some_message + 1, Bytes(30000, 5));
  ends.server_log.channel->say(some_message, big);
  ends.server_log.channel->say(some_message + 1, {});
  ends.pump(fragment);
  ASSERT_FALSE(ends.server_error) << ends.server_error->message();
  ASSERT_FALSE(ends.client_error) << ends.client_error->message();
  ASSERT_EQ(ends.server_log.messages.size(), 2u);
  EXPECT_EQ(ends.server_log.messages[0].second, (Bytes{1, 2, 3}));
  EXPECT_EQ(ends.server_log.messages[1].second, Bytes(30000, 5));
  ASSERT_EQ(ends.client_log.messages.size(), 2u);
  EXPECT_EQ(ends.client_log.messages[0].second, big);
  EXPECT_EQ(ends.server->channel()->link()->pending_output(), 0u);
  EXPECT_EQ(ends.client->channel().link()->pending_output(), 0u);
}

TEST_F(Cyrus, ScramAndPlainOverTls) {
  for (const char* mechanism : {"SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "DIGEST-MD5", ""}) {
    for (const std::size_t fragment : {1, 7, 100000}) {
      SCOPED_TRACE(std::string(mechanism) + " in pieces of " + std::to_string(fragment));
      const auto both = ends(mechanism, tls, "pencil");
      both->pump(fragment);
      expect_open_and_talking(*both, fragment);
    }
  }
}

TEST_F(Cyrus, ALayerProtectsWhatFollowsWithoutTls) {
  for (const std::size_t fragment : {1, 13, 100000}) {
    const auto both = ends("DIGEST-MD5", plain, "pencil");
    both->pump(fragment);
    expect_open_and_talking(*both, fragment);
    // 100 kB of a pattern went over the wire, and the wire does not show it.
    Bytes pattern(64);
    for (std::size_t i = 0; i < pattern.size(); ++i) pattern[i] = static_cast<std::uint8_t>(i * 7);
    const auto& wire = both->on_the_wire;
    EXPECT_GT(wire.size(), 100000u);
    EXPECT_EQ(std::search(wire.begin(), wire.end(), pattern.begin(), pattern.end()), wire.end());
  }
}

TEST_F(Cyrus, BytesThatWereChangedUnderWayAreRefused) {
  const auto both = ends("DIGEST-MD5", plain, "pencil");
  both->pump();
  ASSERT_TRUE(both->client->open());
  both->server_log.channel->say(some_message, Bytes(100, 1));
  Bytes wire = drain(*both->server);
  wire[wire.size() / 2] ^= 1;
  EXPECT_FALSE(feed(*both->client, wire, 100000).has_value());
}

TEST_F(Cyrus, AWrongPasswordOrUserIsToldAndNothingOpens) {
  for (const char* mechanism : {"SCRAM-SHA-256", "PLAIN"}) {
    for (const char* user : {"alice", "mallory"}) {
      SCOPED_TRACE(std::string(mechanism) + " " + user);
      const auto both = ends(mechanism, tls, "pen", user);
      both->pump();
      EXPECT_FALSE(both->server->open());
      EXPECT_FALSE(both->client_log.open);
      ASSERT_TRUE(both->server_error);
      EXPECT_EQ(both->server_error->kind(), ErrorKind::auth) << both->server_error->message();
      ASSERT_TRUE(both->client_error);
      EXPECT_EQ(both->client_error->kind(), ErrorKind::auth) << both->client_error->message();
      EXPECT_THAT(both->client_error->message(), HasSubstr("user name or the password"));
    }
  }
}

TEST_F(Cyrus, PlainTextIsRefusedWithoutTls) {
  settings.mechanisms = "PLAIN LOGIN";
  EXPECT_EQ(make_cyrus_server(settings, plain).error().kind(), ErrorKind::unsupported);
  EXPECT_EQ(make_cyrus_server(settings, local).error().kind(), ErrorKind::unsupported);
  EXPECT_TRUE(make_cyrus_server(settings, tls));
  settings.mechanisms.clear();
  const auto offered = (*make_cyrus_server(settings, plain))->mechanisms();
  EXPECT_THAT(offered, HasSubstr(",DIGEST-MD5,"));
  EXPECT_THAT(offered, Not(HasSubstr("PLAIN")));
  EXPECT_THAT(offered, Not(HasSubstr("SCRAM")));  // it protects nothing of what follows
  EXPECT_THAT(offered, Not(HasSubstr("ANONYMOUS")));
  EXPECT_THAT((*make_cyrus_server(settings, local))->mechanisms(), HasSubstr("SCRAM-SHA-256"));
  // And the client does not give its password to a server that asks for it in the clear.
  const auto client = make_cyrus_client({"alice", "pencil"}, "localhost", plain);
  ASSERT_TRUE(client);
  EXPECT_EQ((*client)->start(",PLAIN,LOGIN,").error().kind(), ErrorKind::unsupported);
}

TEST_F(Cyrus, AUserMayBeRefusedByName) {
  const auto both = ends("SCRAM-SHA-256", tls, "pencil");
  both->policy.user_refusal = Error(ErrorKind::auth, "alice is not welcome");
  both->pump();
  EXPECT_FALSE(both->server->open());
  ASSERT_TRUE(both->client_error);
  EXPECT_EQ(both->client_error->kind(), ErrorKind::auth);
}

TEST_F(Cyrus, WithoutAUserNameTheUserIsAskedForOne) {
  const auto both = ends("SCRAM-SHA-256", tls, "pencil", "");
  both->pump();
  ASSERT_TRUE(both->client_error);
  EXPECT_EQ(both->client_error->kind(), ErrorKind::auth);
  EXPECT_THAT(both->client_error->message(), HasSubstr("--user"));
}

// With engines of our own.

SaslEnds toy_ends(ToySasl::Behaviour behaviour = {}) {
  return {[behaviour] { return std::unique_ptr<SaslServer>(new ToySaslServer(behaviour)); },
          [behaviour] { return std::unique_ptr<SaslClient>(new ToySaslClient(behaviour)); }};
}

TEST(SaslExchange, EmptyDataAndNoDataAreToldApart) {
  auto ends = toy_ends();
  ends.pump();
  EXPECT_TRUE(ends.client->open());
  EXPECT_EQ(ends.policy.user, "toy");
}

TEST(SaslExchange, AServerThatProvesNothingIsNotTrusted) {
  ToySasl::Behaviour behaviour;
  behaviour.server_lies = true;
  auto ends = toy_ends(behaviour);
  ends.pump();
  EXPECT_FALSE(ends.client->open());
  ASSERT_TRUE(ends.client_error);
  EXPECT_EQ(ends.client_error->kind(), ErrorKind::auth);
  EXPECT_THAT(ends.client_error->message(), HasSubstr("did not prove"));
}

TEST(SaslExchange, RoundsHaveALimit) {
  ToySasl::Behaviour behaviour;
  behaviour.endless = true;
  auto ends = toy_ends(behaviour);
  ends.pump();
  ASSERT_TRUE(ends.server_error);
  EXPECT_EQ(ends.server_error->kind(), ErrorKind::malformed);
}

TEST(SaslExchange, AServerThatClosesHasRefused) {
  auto ends = toy_ends();
  // Up to the client's first data; then the server goes away, as libspice-server does.
  while (ends.on_the_wire.empty()) {
    ends.move(*ends.client, *ends.server, ends.server_error, 1);
    ends.move(*ends.server, *ends.client, ends.client_error, 1);
  }
  drain(*ends.client);
  ends.client->closed({ErrorKind::closed, "closed by the peer"});
  // Not yet in the exchange: no verdict of ours.
  auto later = toy_ends();
  later.move(*later.client, *later.server, later.server_error, 1);
  later.move(*later.server, *later.client, later.client_error, 1);  // the reply
  later.move(*later.client, *later.server, later.server_error, 1);  // "SASL"
  later.move(*later.server, *later.client, later.client_error, 1);  // the list
  later.client->closed({ErrorKind::closed, "closed by the peer"});
  ASSERT_TRUE(later.client->verdict());
  EXPECT_EQ(later.client->verdict()->kind(), ErrorKind::auth);
  EXPECT_EQ(later.client_log.closed->kind(), ErrorKind::auth);
}

TEST(SaslExchange, TicketsOnlyWhereTheyAreTaken) {
  for (const bool tickets : {true, false}) {
    auto make_server = [] { return std::unique_ptr<SaslServer>(new ToySaslServer({})); };
    // A client that knows no SASL.
    SaslEnds ends(make_server, nullptr);
    ends.policy.tickets = tickets;
    ends.pump();
    EXPECT_EQ(ends.client->open(), tickets);
    if (!tickets) {
      EXPECT_EQ(ends.client_error->kind(), ErrorKind::auth);
      EXPECT_EQ(ends.server_error->kind(), ErrorKind::auth);
    }
    // One that knows both and has no user name takes the ticket where it can.
    SaslEnds both(
        make_server, [] { return std::unique_ptr<SaslClient>(new ToySaslClient({})); }, false);
    both.policy.tickets = tickets;
    both.pump();
    EXPECT_TRUE(both.client->open());
    EXPECT_EQ(both.policy.user, tickets ? "" : "toy");
  }
}

/// Says as a client whatever it likes to a server that has offered SASL.
struct ServerInExchange {
  SaslEnds ends = toy_ends();
  ServerInExchange() {
    spice::LinkMessage message;
    message.channel_type = 1;
    message.common = {SPICE_COMMON_CAP_PROTOCOL_AUTH_SELECTION, SPICE_COMMON_CAP_AUTH_SASL};
    EXPECT_TRUE(feed(*ends.server, message.encode(), 1).has_value());
    EXPECT_TRUE(feed(*ends.server, Bytes{SPICE_COMMON_CAP_AUTH_SASL, 0, 0, 0}, 1).has_value());
    drain(*ends.server);
  }
  ErrorKind refusal(const Bytes& bytes) {
    const auto done = feed(*ends.server, bytes, 1);
    return done ? ErrorKind::internal : done.error().kind();
  }
};

Bytes with_length(std::uint32_t length, std::string_view text) {
  wire::Writer writer;
  writer.u32(length);
  writer.bytes(as_bytes(text));
  return writer.take();
}

TEST(SaslExchange, HostileClients) {
  EXPECT_EQ(ServerInExchange().refusal(with_length(0, "")), ErrorKind::malformed);
  EXPECT_EQ(ServerInExchange().refusal(with_length(101, "")), ErrorKind::malformed);
  EXPECT_EQ(ServerInExchange().refusal(with_length(0xffffffff, "")), ErrorKind::malformed);
  EXPECT_EQ(ServerInExchange().refusal(with_length(4, "NONE")), ErrorKind::malformed);
  EXPECT_EQ(ServerInExchange().refusal(with_length(5, "TOY,A")), ErrorKind::malformed);
  EXPECT_EQ(ServerInExchange().refusal(with_length(1, ",")), ErrorKind::malformed);
  for (const std::uint32_t size : {0x20001u, 0x7fffffffu, 0xffffffffu}) {
    Bytes bytes = with_length(3, "TOY");
    const Bytes data = with_length(size, "");
    bytes.insert(bytes.end(), data.begin(), data.end());
    EXPECT_EQ(ServerInExchange().refusal(bytes), ErrorKind::malformed) << size;
  }
}

TEST(SaslExchange, HostileServers) {
  const auto refusal = [](const Bytes& bytes) {
    SaslEnds ends = toy_ends();
    ends.move(*ends.client, *ends.server, ends.server_error, 1);
    ends.move(*ends.server, *ends.client, ends.client_error, 1);
    drain(*ends.client);
    const auto done = feed(*ends.client, bytes, 1);
    return done ? ErrorKind::internal : done.error().kind();
  };
  EXPECT_EQ(refusal(with_length(1001, "")), ErrorKind::malformed);
  EXPECT_EQ(refusal(with_length(0xffffffff, "")), ErrorKind::malformed);
  EXPECT_EQ(refusal(with_length(0, "")), ErrorKind::unsupported);
  EXPECT_EQ(refusal(with_length(6, ",NONE,")), ErrorKind::unsupported);
  Bytes bytes = with_length(5, ",TOY,");
  const Bytes data = with_length(0xffffffff, "");
  bytes.insert(bytes.end(), data.begin(), data.end());
  EXPECT_EQ(refusal(bytes), ErrorKind::malformed);
}

}  // namespace
}  // namespace cassia::channels
