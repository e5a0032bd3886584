// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"
#include "net/pump.h"
#include "net/self_signed.h"
#include "tests/unit/net/net_fixture.h"
#include "tests/unit/net/toy_endpoints.h"

namespace cassia::net {
namespace {

using namespace boost::asio::experimental::awaitable_operators;

class TlsTest : public NetTest {
 protected:
  /// Writes NAME.crt and NAME.key for a host called `common_name`.
  TlsServerFiles make_files(const std::string& name, const std::string& common_name) {
    const auto pair = make_self_signed(common_name);
    EXPECT_TRUE(pair) << pair.error().message();
    TlsServerFiles files{(folder_ / (name + ".crt")).string(),
                         (folder_ / (name + ".key")).string()};
    EXPECT_TRUE(write_file_atomically(files.certificate, as_bytes(pair->certificate)));
    EXPECT_TRUE(write_file_atomically(files.key, as_bytes(pair->key), 0600));
    return files;
  }

  struct Outcome {
    Result<std::unique_ptr<Stream>> client;
    Result<std::unique_ptr<Stream>> server;
  };

  Outcome handshake(const TlsServerFiles& files, const TlsClientOptions& options) {
    auto listener = Listener::create(executor(), any_port());
    auto tls = TlsServer::create(files);
    EXPECT_TRUE(listener && tls);
    Address address = (*listener)->address();
    address.transport = Transport::tls;
    return run([](Listener& l, TlsServer& t, Address a, TlsClientOptions o) -> Task<Outcome> {
      const auto serve = [](Listener& from,
                            TlsServer& with) -> Task<Result<std::unique_ptr<Stream>>> {
        auto raw = co_await from.accept();
        if (!raw) co_return fail(raw.error());
        co_return co_await with.handshake(std::move(*raw), std::chrono::seconds(10));
      };
      ConnectOptions connect_options;
      connect_options.tls = o;
      auto [client, server] = co_await (connect(a, connect_options) && serve(l, t));
      co_return Outcome{std::move(client), std::move(server)};
    }(**listener, **tls, address, options));
  }
};

TEST_F(TlsTest, EchoesThroughAVerifiedConnection) {
  const auto files = make_files("a", "127.0.0.1");
  Outcome both = handshake(files, {.ca_file = files.certificate});
  ASSERT_TRUE(both.client) << both.client.error().message();
  ASSERT_TRUE(both.server) << both.server.error().message();
  RoundTripEndpoint client(test_pattern(3'000'000));
  EchoEndpoint server;
  SteadyClock clock;
  run([](Stream& c, Stream& s, Endpoint& ce, Endpoint& se, const Clock& k) -> Task<bool> {
    co_await (pump(c, ce, k) && pump(s, se, k));
    co_return true;
  }(**both.client, **both.server, client, server, clock));
  EXPECT_EQ(client.back_, client.sent_);
}

TEST_F(TlsTest, OtherAuthorityIsRefused) {
  const auto files = make_files("a", "127.0.0.1");
  const auto other = make_files("b", "127.0.0.1");
  const Outcome both = handshake(files, {.ca_file = other.certificate});
  ASSERT_FALSE(both.client);
  EXPECT_EQ(both.client.error().kind(), ErrorKind::auth) << both.client.error().message();
  EXPECT_FALSE(both.server);
}

TEST_F(TlsTest, NameMustMatchUnlessTheSubjectIsGiven) {
  const auto files = make_files("a", "vm.example");
  const Outcome wrong_name = handshake(files, {.ca_file = files.certificate});
  ASSERT_FALSE(wrong_name.client);
  EXPECT_EQ(wrong_name.client.error().kind(), ErrorKind::auth)
      << wrong_name.client.error().message();
  EXPECT_TRUE(
      handshake(files, {.ca_file = files.certificate, .host_subject = "CN=vm.example"}).client);
  EXPECT_FALSE(
      handshake(files, {.ca_file = files.certificate, .host_subject = "CN=vm.other"}).client);
  EXPECT_TRUE(handshake(files, {.verify = false}).client);
}

TEST_F(TlsTest, MissingFilesAreNamed) {
  const auto files = make_files("a", "x");
  const auto missing = TlsServer::create({"/nowhere.crt", files.key});
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message().find("/nowhere.crt"), std::string::npos);
}

TEST_F(TlsTest, SilentPeerTimesOut) {
  const auto files = make_files("a", "x");
  auto tls = TlsServer::create(files);
  ASSERT_TRUE(tls);
  Pair pair = make_pair(any_port());
  const auto result = run((*tls)->handshake(std::move(pair.server), std::chrono::milliseconds(30)));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind(), ErrorKind::timeout);
}

}  // namespace
}  // namespace cassia::net
