// SPDX-License-Identifier: Apache-2.0
#include "net/pump.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <thread>

#include "base/file.h"
#include "tests/unit/net/net_fixture.h"
#include "tests/unit/net/toy_endpoints.h"

namespace cassia::net {
namespace {

using namespace boost::asio::experimental::awaitable_operators;

class PumpTest : public NetTest {
 protected:
  /// Pumps both ends until both are over.
  void pump_both(Pair& pair, Endpoint& client, Endpoint& server) {
    run([](Pair& p, Endpoint& c, Endpoint& s, const Clock& clock) -> Task<bool> {
      co_await (pump(*p.client, c, clock) && pump(*p.server, s, clock));
      co_return true;
    }(pair, client, server, clock_));
  }
  SteadyClock clock_;
};

TEST_F(PumpTest, EchoesMegabytesOverTcpAndUnix) {
  for (const Address& where : {any_port(), unix_at("s")}) {
    Pair pair = make_pair(where);
    RoundTripEndpoint client(test_pattern(5'000'000));
    EchoEndpoint server;
    pump_both(pair, client, server);
    EXPECT_EQ(client.back_, client.sent_);
    EXPECT_EQ(server.written_, 5'000'000u);
    ASSERT_TRUE(server.why_);
    EXPECT_EQ(server.why_->kind(), ErrorKind::closed);
  }
}

TEST_F(PumpTest, HalfClosedPeerStillGetsItsAnswer) {
  const Address address = unix_at("s");
  auto listener = Listener::create(executor(), address);
  ASSERT_TRUE(listener);
  const Bytes data = test_pattern(100'000);
  Bytes back;
  std::thread client([&] {
    FileDescriptor fd(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    address.path.copy(name.sun_path, sizeof name.sun_path - 1);
    ASSERT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
    ASSERT_EQ(::write(fd.get(), data.data(), data.size()), static_cast<ssize_t>(data.size()));
    ASSERT_EQ(::shutdown(fd.get(), SHUT_WR), 0);
    std::uint8_t buffer[4096];
    for (ssize_t got; (got = ::read(fd.get(), buffer, sizeof buffer)) > 0;) {
      back.insert(back.end(), buffer, buffer + got);
    }
  });
  EchoEndpoint server;
  const Error why = run([](Listener& from, Endpoint& s, const Clock& clock) -> Task<Error> {
    const auto stream = co_await from.accept();
    EXPECT_TRUE(stream);
    co_return co_await pump(**stream, s, clock);
  }(**listener, server, clock_));
  client.join();
  EXPECT_EQ(why.kind(), ErrorKind::closed);
  EXPECT_EQ(back, data);
}

TEST_F(PumpTest, PausedEndpointStopsReadingUntilItResumes) {
  Pair pair = make_pair(unix_at("s"));
  RoundTripEndpoint client(test_pattern(4'000'000));
  EchoEndpoint server;
  server.pause_after(100'000);
  std::size_t at_pause = 0;
  boost::asio::steady_timer look(io_, std::chrono::milliseconds(50));
  // Not a synchronisation: only the moment at which back pressure is looked at. However late or
  // early it comes, no more than one read beyond the limit may have been taken.
  look.async_wait([&](boost::system::error_code) {
    at_pause = server.received_;
    server.resume();
  });
  pump_both(pair, client, server);
  EXPECT_LT(at_pause, 100'000u + 64 * 1024u);
  EXPECT_EQ(client.back_, client.sent_);
}

TEST_F(PumpTest, ErrorOfTheEndpointEndsTheConnection) {
  class Picky : public EchoEndpoint {
    Result<void> receive(ByteView bytes, TimePoint now) override {
      (void)EchoEndpoint::receive(bytes, now);
      return fail(ErrorKind::malformed, "no such message");
    }
  };
  Pair pair = make_pair(unix_at("s"));
  RoundTripEndpoint client(test_pattern(10));
  Picky server;
  pump_both(pair, client, server);
  ASSERT_TRUE(server.why_);
  EXPECT_EQ(server.why_->kind(), ErrorKind::malformed);
  EXPECT_EQ(client.back_, client.sent_);  // what was queued before the error was flushed
}

TEST_F(PumpTest, CloseFromOutsideEndsAPausedPump) {
  Pair pair = make_pair(unix_at("s"));
  EchoEndpoint server;
  server.pause_after(0);
  RoundTripEndpoint client(test_pattern(1'000'000));
  boost::asio::steady_timer later(io_, std::chrono::milliseconds(20));
  later.async_wait([&](boost::system::error_code) { pair.server->close(); });
  pump_both(pair, client, server);
  ASSERT_TRUE(server.why_);
  EXPECT_EQ(server.why_->kind(), ErrorKind::canceled);
  ASSERT_TRUE(client.why_);
}

}  // namespace
}  // namespace cassia::net
