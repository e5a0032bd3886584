// SPDX-License-Identifier: Apache-2.0
#include "net/websocket.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "net/pump.h"
#include "net/self_signed.h"
#include "tests/unit/net/net_fixture.h"
#include "tests/unit/net/toy_endpoints.h"

namespace cassia::net {
namespace {

using namespace boost::asio::experimental::awaitable_operators;
using ::testing::HasSubstr;

class WebSocketTest : public NetTest {
 protected:
  struct Outcome {
    Result<std::unique_ptr<Stream>> client;
    Result<std::unique_ptr<Stream>> server;
  };

  /// A listener that takes either protocol, and a client that connects to it.
  Outcome meet(bool websocket, WebSocketServerOptions server_options = {}, TlsServer* tls = nullptr,
               ConnectOptions options = {}) {
    auto listener = Listener::create(executor(), any_port());
    EXPECT_TRUE(listener);
    Address address = (*listener)->address();
    address.websocket = websocket;
    address.path = "/console";
    if (tls != nullptr) address.transport = Transport::tls;
    return run([](Listener& l, TlsServer* t, Address a, WebSocketServerOptions so,
                  ConnectOptions o) -> Task<Outcome> {
      const auto serve = [](Listener& from, TlsServer* with,
                            WebSocketServerOptions how) -> Task<Result<std::unique_ptr<Stream>>> {
        auto stream = co_await from.accept();
        if (stream && with != nullptr) {
          stream = co_await with->handshake(std::move(*stream), std::chrono::seconds(10));
        }
        if (!stream) co_return fail(stream.error());
        co_return co_await accept_any(std::move(*stream), how);
      };
      const auto dial = [](Address to,
                           ConnectOptions how) -> Task<Result<std::unique_ptr<Stream>>> {
        auto stream = co_await connect(to, how);
        // A plain client speaks first, as SPICE does: the server waits for it to know.
        if (stream && !to.websocket) {
          std::vector<SharedBytes> magic;
          magic.emplace_back(to_bytes(std::string_view("REDQ")));
          (void)co_await (*stream)->write(magic);
        }
        co_return std::move(stream);
      };
      auto [client, server] = co_await (dial(a, o) && serve(l, t, so));
      co_return Outcome{std::move(client), std::move(server)};
    }(**listener, tls, address, server_options, options));
  }

  void expect_echo(Outcome both, std::string_view already = {}) {
    ASSERT_TRUE(both.client) << both.client.error().message();
    ASSERT_TRUE(both.server) << both.server.error().message();
    RoundTripEndpoint client(test_pattern(3'000'000));
    EchoEndpoint server;
    SteadyClock clock;
    run([](Stream& c, Stream& s, Endpoint& ce, Endpoint& se, const Clock& k) -> Task<bool> {
      co_await (pump(c, ce, k) && pump(s, se, k));
      co_return true;
    }(**both.client, **both.server, client, server, clock));
    Bytes expected = to_bytes(already);
    expected.insert(expected.end(), client.sent_.begin(), client.sent_.end());
    expected.resize(client.back_.size());
    EXPECT_EQ(client.back_, expected);
    EXPECT_GE(client.back_.size(), client.sent_.size());
  }

  /// What a server says to a client that sends `request`, and what it thinks of it.
  struct Talk {
    std::string answer;
    Result<std::unique_ptr<Stream>> server;
  };
  Talk talk(const std::string& request, WebSocketServerOptions options = {}, bool close = false) {
    Pair pair = make_pair(any_port());
    return run([](Pair& both, std::string text, WebSocketServerOptions how,
                  bool shut) -> Task<Talk> {
      const auto speak = [](Stream& stream, std::string words, bool hang_up) -> Task<std::string> {
        std::vector<SharedBytes> pieces;
        pieces.emplace_back(to_bytes(std::string_view(words)));
        (void)co_await stream.write(pieces);
        if (hang_up) {
          stream.close();
          co_return std::string();
        }
        std::string all;
        Bytes buffer(4096);
        for (;;) {
          const auto got = co_await stream.read_some(buffer);
          if (!got || *got == 0) co_return all;
          all.append(as_text({buffer.data(), *got}));
          if (all.find("101 Switching") != std::string::npos) co_return all;
        }
      };
      const auto serve = [](std::unique_ptr<Stream> stream,
                            WebSocketServerOptions o) -> Task<Result<std::unique_ptr<Stream>>> {
        co_return co_await accept_any(std::move(stream), o);
      };
      auto [answer, server] =
          co_await (speak(*both.client, text, shut) && serve(std::move(both.server), how));
      co_return Talk{answer, std::move(server)};
    }(pair, request, options, close));
  }

  static std::string upgrade(const std::string& more) {
    return "GET /console HTTP/1.1\r\nHost: vm\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
           more + "\r\n";
  }
};

TEST_F(WebSocketTest, CarriesBytesBothWays) { expect_echo(meet(true)); }

TEST_F(WebSocketTest, OtherProtocolsComeThroughUntouched) { expect_echo(meet(false), "REDQ"); }

TEST_F(WebSocketTest, OverTls) {
  const auto pair = make_self_signed("127.0.0.1");
  ASSERT_TRUE(pair);
  const std::string crt = folder_ / "crt", key = folder_ / "key";
  ASSERT_TRUE(write_file_atomically(crt, as_bytes(pair->certificate)));
  ASSERT_TRUE(write_file_atomically(key, as_bytes(pair->key), 0600));
  const auto tls = TlsServer::create({crt, key});
  ASSERT_TRUE(tls);
  ConnectOptions options;
  options.tls.ca_file = crt;
  auto both = meet(true, {}, tls->get(), options);
  ASSERT_TRUE(both.client && both.server);
  EXPECT_GE((*both.client)->tls_bits(), 128u);
  EXPECT_GE((*both.server)->tls_bits(), 128u);
  expect_echo(std::move(both));
  expect_echo(meet(false, {}, tls->get(), options), "REDQ");
}

TEST_F(WebSocketTest, AnswersABrowserAsTheStandardWantsIt) {
  const Talk talked = talk(upgrade("Sec-WebSocket-Protocol: chat, binary\r\n"));
  EXPECT_TRUE(talked.server);
  EXPECT_THAT(talked.answer, HasSubstr("HTTP/1.1 101 "));
  // The sample of RFC 6455, 1.3.
  EXPECT_THAT(talked.answer, HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
  EXPECT_THAT(talked.answer, HasSubstr("Sec-WebSocket-Protocol: binary\r\n"));
  // Without a wish for a subprotocol none is named.
  EXPECT_THAT(talk(upgrade("")).answer, Not(HasSubstr("Sec-WebSocket-Protocol")));
}

TEST_F(WebSocketTest, RefusesWhatItCannotServe) {
  const Talk page = talk("GET / HTTP/1.1\r\nHost: vm\r\n\r\n");
  EXPECT_FALSE(page.server);
  EXPECT_THAT(page.answer, HasSubstr("HTTP/1.1 426 "));
  EXPECT_THAT(page.answer, HasSubstr("SPICE"));
  EXPECT_THAT(talk(upgrade("Sec-WebSocket-Protocol: chat\r\n")).answer, HasSubstr("400 "));
  const std::string big(9000, 'x');
  EXPECT_FALSE(talk("GET /" + big + " HTTP/1.1\r\n\r\n").server);
  EXPECT_FALSE(talk(std::string("GET \x01\x02\x03\r\n\r\n")).server);
  EXPECT_FALSE(talk("GET / HT", {}, true).server);
  EXPECT_FALSE(talk("GE", {}, true).server);
}

TEST_F(WebSocketTest, OnlyTheNamedPagesAreLetIn) {
  WebSocketServerOptions options;
  options.origins = {"https://console.example"};
  EXPECT_THAT(talk(upgrade("Origin: https://evil.example\r\n"), options).answer, HasSubstr("403 "));
  EXPECT_TRUE(talk(upgrade("Origin: https://console.example\r\n"), options).server);
  EXPECT_TRUE(talk(upgrade(""), options).server);  // a program, not a page
  EXPECT_TRUE(talk(upgrade("Origin: https://any.example\r\n")).server);
}

TEST_F(WebSocketTest, WhoSaysNothingIsNotWaitedForLong) {
  WebSocketServerOptions options;
  options.timeout = std::chrono::milliseconds(30);
  for (const char* begun : {"", "GE", "GET / HTTP/1.1\r\n"}) {
    const Talk talked = talk(begun, options);
    ASSERT_FALSE(talked.server);
    EXPECT_EQ(talked.server.error().kind(), ErrorKind::timeout) << begun;
  }
}

TEST_F(WebSocketTest, AServerThatIsNoWebSocketIsNamed) {
  const auto server_says = [this](std::string words) {
    auto listener = Listener::create(executor(), any_port());
    Address address = (*listener)->address();
    address.websocket = true;
    ConnectOptions options;
    options.timeout = std::chrono::milliseconds(200);
    return run([](Listener& l, Address a, ConnectOptions o, std::string text) -> Task<Error> {
      const auto serve = [](Listener& from, std::string answer) -> Task<bool> {
        auto stream = co_await from.accept();
        Bytes buffer(4096);
        (void)co_await (*stream)->read_some(buffer);
        std::vector<SharedBytes> pieces;
        pieces.emplace_back(to_bytes(std::string_view(answer)));
        if (!answer.empty()) (void)co_await (*stream)->write(pieces);
        (void)co_await (*stream)->read_some(buffer);
        co_return true;
      };
      auto [stream, done] = co_await (connect(a, o) && serve(l, text));
      co_return stream ? Error(ErrorKind::internal, "connected") : stream.error();
    }(**listener, address, options, std::move(words)));
  };
  const Error declined = server_says("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(declined.kind(), ErrorKind::unsupported);
  EXPECT_THAT(declined.message(), HasSubstr("404"));
  EXPECT_EQ(server_says("SSH-2.0-OpenSSH\r\n").kind(), ErrorKind::malformed);
  EXPECT_EQ(server_says("").kind(), ErrorKind::timeout);
}

}  // namespace
}  // namespace cassia::net
