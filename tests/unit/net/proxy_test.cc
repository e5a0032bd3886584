// SPDX-License-Identifier: Apache-2.0
// HTTP CONNECT: the parser alone, and connections through a proxy on the test's own event loop.

#include <gmock/gmock.h>
#include <stdlib.h>

#include "base/file.h"
#include "net/http_connect.h"
#include "net/pump.h"
#include "net/self_signed.h"
#include "tests/unit/net/net_fixture.h"
#include "tests/unit/net/test_proxy.h"
#include "tests/unit/net/toy_endpoints.h"

namespace cassia::net {
namespace {

using namespace boost::asio::experimental::awaitable_operators;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ProxyAddress, TakesTheFormsThatSpiceGtkTakes) {
  EXPECT_EQ(*parse_proxy("proxy.example"), (Proxy{false, "proxy.example", 3128, "", ""}));
  EXPECT_EQ(*parse_proxy("http://proxy:8080/"), (Proxy{false, "proxy", 8080, "", ""}));
  EXPECT_EQ(*parse_proxy("https://proxy"), (Proxy{true, "proxy", 3129, "", ""}));
  EXPECT_EQ(*parse_proxy("http://me:secret@[::1]:81"), (Proxy{false, "::1", 81, "me", "secret"}));
  EXPECT_EQ(*parse_proxy("me:p%40%3a@proxy"), (Proxy{false, "proxy", 3128, "me", "p@:"}));
  for (const char* bad : {"", "socks5://p", "http://", "http://:3128", "p:0", "p:70000", "p:x",
                          "http://a%0d%0aX:b@p", "http://p%0aq/", "http://a%3ab:c@p", "p/q"}) {
    const auto parsed = parse_proxy(bad);
    // A host that is not decoded may hold a percent sign; it then names no host that exists.
    if (std::string_view(bad) == "http://p%0aq/") continue;
    EXPECT_FALSE(parsed) << bad;
  }
  EXPECT_EQ(to_string(*parse_proxy("http://me:secret@proxy")), "http://proxy:3128");
}

const Proxy with_login{false, "proxy", 3128, "Aladdin", "open sesame"};

TEST(HttpConnect, AsksWithCredentials) {
  const HttpConnect exchange(with_login, "vm.example:5900");
  EXPECT_EQ(exchange.request(),
            "CONNECT vm.example:5900 HTTP/1.1\r\nHost: vm.example:5900\r\n"
            "Proxy-Connection: keep-alive\r\n"
            // The sample of RFC 7617.
            "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
  EXPECT_THAT(HttpConnect(Proxy{false, "p"}, "vm:1").request(), Not(HasSubstr("Authorization")));
}

TEST(HttpConnect, TakesAnAnswerInAnyPieces) {
  const std::string answer = "HTTP/1.1 200 OK\r\nA: b\r\n\r\nREDQ";
  for (std::size_t size = 1; size <= answer.size(); ++size) {
    HttpConnect exchange(with_login, "vm:5900");
    std::string rest;
    bool open = false;
    for (std::size_t at = 0; at < answer.size(); at += size) {
      const std::string piece = answer.substr(at, size);
      if (open) {
        rest += piece;
        continue;
      }
      const auto done = exchange.receive(as_bytes(piece));
      ASSERT_TRUE(done) << done.error().message();
      open = *done;
      if (open) rest = as_text(exchange.rest());
    }
    EXPECT_TRUE(open);
    EXPECT_EQ(rest, "REDQ") << size;
  }
}

TEST(HttpConnect, KnowsWhatRefusalsMean) {
  const auto kind = [](const std::string& text, const Proxy& proxy = with_login) {
    HttpConnect exchange(proxy, "vm:5900");
    const auto done = exchange.receive(as_bytes(text));
    return done ? *done ? "open" : "more" : std::string(to_string(done.error().kind()));
  };
  EXPECT_EQ(kind("HTTP/1.1 407 x\r\n\r\n"), "auth");
  EXPECT_EQ(kind("HTTP/1.0 401 x\r\n\r\n"), "auth");
  EXPECT_EQ(kind("HTTP/1.0 403 Forbidden\r\n\r\n"), "permission");
  EXPECT_EQ(kind("HTTP/1.1 502 Bad\r\n\r\n"), "not_found");
  EXPECT_EQ(kind("HTTP/1.1 301 Moved\r\n\r\n"), "unsupported");
  EXPECT_EQ(kind("HTTP/1.1 299\r\n\r\n"), "open");
  for (const char* garbage :
       {"SSH-2.0-x", "\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 2x0 \r\n\r\n",
        "HTTP/1.1 20\r\n\r\n", "HTTP/1.x 200 OK\r\n\r\n", "HTTP/1.1 099 x\r\n\r\n",
        "HTTP/1.1 2000 x\r\n\r\n"}) {
    EXPECT_EQ(kind(garbage), "malformed") << garbage;
  }
  EXPECT_EQ(kind("HTTP/1.1 200 OK\r\nno end"), "more");
  EXPECT_EQ(kind("HTTP/1.1 200 OK\r\n" + std::string(9000, 'x')), "malformed");
}

class ProxyTest : public NetTest {
 protected:
  struct Outcome {
    std::optional<Error> error;
    bool echoed = false;
  };

  /// Through `proxy` to an echo; with `tls` the server speaks TLS, with `proxy_tls` the proxy does.
  Outcome reach(TestProxy& proxy, Proxy address, TlsServer* tls = nullptr,
                TlsServer* proxy_tls = nullptr, TlsClientOptions trust = {}) {
    auto proxy_listener = Listener::create(executor(), any_port());
    auto server_listener = Listener::create(executor(), any_port());
    EXPECT_TRUE(proxy_listener && server_listener);
    ConnectOptions options;
    options.timeout = std::chrono::milliseconds(proxy_silent_ ? 50 : 5000);
    options.tls = std::move(trust);
    address.host = "127.0.0.1";
    address.port = (*proxy_listener)->address().port;
    options.proxy = address;
    Address target = (*server_listener)->address();
    if (tls != nullptr) target.transport = Transport::tls;
    return run([](TestProxy& p, Listener& at, TlsServer* at_tls, Listener& behind,
                  TlsServer* secure, Address to, ConnectOptions how) -> Task<Outcome> {
      const auto echo = [](Listener& from, TlsServer* with) -> Task<bool> {
        auto stream = co_await from.accept();
        if (stream && with != nullptr) {
          stream = co_await with->handshake(std::move(*stream), std::chrono::seconds(10));
        }
        if (!stream) co_return false;
        EchoEndpoint endpoint;
        SteadyClock clock;
        (void)co_await pump(**stream, endpoint, clock);
        co_return true;
      };
      const auto client = [](Address where, ConnectOptions o, Listener& other) -> Task<Outcome> {
        auto stream = co_await connect(where, o);
        Outcome out;
        if (stream) {
          RoundTripEndpoint endpoint(test_pattern(300'000));
          SteadyClock clock;
          (void)co_await pump(**stream, endpoint, clock);
          out.echoed = endpoint.back_ == endpoint.sent_;
        } else {
          out.error = stream.error();
        }
        other.close();
        co_return out;
      };
      auto [outcome, served, echoed] =
          co_await (client(to, how, behind) && p.serve(at, at_tls) && echo(behind, secure));
      co_return outcome;
    }(proxy, **proxy_listener, proxy_tls, **server_listener, tls, target, options));
  }

  std::unique_ptr<TlsServer> tls_server() {
    const auto pair = make_self_signed("127.0.0.1");
    crt_ = folder_ / "crt";
    const std::string key = folder_ / "key";
    EXPECT_TRUE(write_file_atomically(crt_, as_bytes(pair->certificate)));
    EXPECT_TRUE(write_file_atomically(key, as_bytes(pair->key), 0600));
    return std::move(*TlsServer::create({crt_, key}));
  }

  bool proxy_silent_ = false;
  std::string crt_;
};

TEST_F(ProxyTest, TunnelsToTheServer) {
  TestProxy proxy;
  const Outcome outcome = reach(proxy, Proxy{false, "", 0, "me", "secret"});
  EXPECT_FALSE(outcome.error) << outcome.error->message();
  EXPECT_TRUE(outcome.echoed);
  EXPECT_THAT(proxy.head, HasSubstr("CONNECT 127.0.0.1:"));
  EXPECT_THAT(proxy.head, HasSubstr("Proxy-Authorization: Basic bWU6c2VjcmV0\r\n"));
}

TEST_F(ProxyTest, TlsRunsInsideTheTunnel) {
  const auto tls = tls_server();
  TestProxy proxy;
  const Outcome outcome = reach(proxy, {}, tls.get(), nullptr, {.ca_file = crt_});
  EXPECT_FALSE(outcome.error) << outcome.error->message();
  EXPECT_TRUE(outcome.echoed);
  // And the server is still who it must be.
  TestProxy again;
  const Outcome other =
      reach(again, {}, tls.get(), nullptr, {.ca_file = crt_, .host_subject = "CN=other"});
  ASSERT_TRUE(other.error);
  EXPECT_EQ(other.error->kind(), ErrorKind::auth);
}

TEST_F(ProxyTest, TheProxyMaySpeakTlsItself) {
  const auto tls = tls_server();
  // The proxy is trusted as the system says, not by the CA of the SPICE server.
  ::setenv("SSL_CERT_FILE", crt_.c_str(), 1);
  TestProxy proxy;
  const Outcome plain_inside = reach(proxy, Proxy{true}, nullptr, tls.get());
  EXPECT_FALSE(plain_inside.error) << plain_inside.error->message();
  EXPECT_TRUE(plain_inside.echoed);
  TestProxy both;
  const Outcome tls_inside = reach(both, Proxy{true}, tls.get(), tls.get(), {.ca_file = crt_});
  EXPECT_FALSE(tls_inside.error) << tls_inside.error->message();
  EXPECT_TRUE(tls_inside.echoed);
  ::unsetenv("SSL_CERT_FILE");
  TestProxy untrusted;
  const Outcome refused = reach(untrusted, Proxy{true}, nullptr, tls.get(), {.ca_file = crt_});
  ASSERT_TRUE(refused.error);
  EXPECT_EQ(refused.error->kind(), ErrorKind::auth);
}

TEST_F(ProxyTest, RefusalsAndGarbageAreToldApart) {
  const auto error_of = [this](const std::string& canned) {
    TestProxy proxy(canned);
    const Outcome outcome = reach(proxy, {});
    EXPECT_TRUE(outcome.error);
    return outcome.error.value_or(Error(ErrorKind::internal, "connected"));
  };
  const Error unauthorised = error_of("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
  EXPECT_EQ(unauthorised.kind(), ErrorKind::auth);
  EXPECT_THAT(unauthorised.message(), HasSubstr("http://127.0.0.1:"));
  EXPECT_EQ(error_of("HTTP/1.1 403 Forbidden\r\n\r\n").kind(), ErrorKind::permission);
  EXPECT_EQ(error_of("REDQ not a proxy at all").kind(), ErrorKind::malformed);
  proxy_silent_ = true;
  EXPECT_EQ(error_of("silence").kind(), ErrorKind::timeout);
}

}  // namespace
}  // namespace cassia::net
