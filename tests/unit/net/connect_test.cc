// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <fstream>

#include "base/file.h"
#include "tests/unit/net/net_fixture.h"

namespace cassia::net {
namespace {

TEST_F(NetTest, NamesThePeer) {
  const Pair tcp = make_pair(any_port());
  EXPECT_EQ(tcp.server->peer().rfind("127.0.0.1:", 0), 0u) << tcp.server->peer();
  EXPECT_TRUE(tcp.server->is_local());
  const Pair unix_pair = make_pair(unix_at("s"));
  EXPECT_EQ(unix_pair.server->peer(), fmt::format("unix (pid {}, uid {})", ::getpid(), ::getuid()));
}

TEST_F(NetTest, RefusedConnectionSaysWhereAndWhy) {
  Address address;
  {
    auto listener = Listener::create(executor(), any_port());
    ASSERT_TRUE(listener);
    address = (*listener)->address();
  }
  const auto stream = run(connect(address));
  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().message(), to_string(address) + ": Connection refused");
}

TEST_F(NetTest, LittleIsWrittenAheadOfAPeerThatDoesNotRead) {
  const Pair pair = make_pair(any_port());
  const SharedBytes piece{Bytes(16 << 10)};
  std::size_t taken = 0;
  const auto fill = [&]() -> Task<> {
    while (co_await pair.server->write(std::span(&piece, 1))) taken += piece.size();
  };
  boost::asio::co_spawn(io_, fill(), boost::asio::detached);
  io_.restart();
  while (io_.poll() != 0) {
  }
  // The peer's window and what is kept ready; without a limit it would be megabytes.
  EXPECT_GT(taken, 0u);
  EXPECT_LT(taken, 600u << 10);
  pair.server->close();
  io_.run();
}

TEST_F(NetTest, MissingUnixSocketIsNotFound) {
  const auto stream = run(connect(unix_at("none")));
  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().kind(), ErrorKind::not_found);
}

TEST_F(NetTest, StaleSocketFileIsReplacedAndRemovedAtTheEnd) {
  const Address address = unix_at("s");
  {
    // A program that died without cleaning up: bound, never removed.
    FileDescriptor dead(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    address.path.copy(name.sun_path, sizeof name.sun_path - 1);
    ASSERT_EQ(::bind(dead.get(), reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
  }
  ASSERT_TRUE(std::filesystem::exists(address.path));
  auto listener = Listener::create(executor(), address);
  ASSERT_TRUE(listener) << listener.error().message();
  struct stat status {};
  ASSERT_EQ(::stat(address.path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  listener->reset();
  EXPECT_FALSE(std::filesystem::exists(address.path));
}

TEST_F(NetTest, LiveSocketAndOtherFilesAreRefused) {
  const Address address = unix_at("s");
  auto first = Listener::create(executor(), address);
  ASSERT_TRUE(first);
  auto second = Listener::create(executor(), address);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind(), ErrorKind::busy);
  EXPECT_TRUE(std::filesystem::exists(address.path));

  const Address file = unix_at("file");
  std::ofstream(file.path) << "precious";
  auto third = Listener::create(executor(), file);
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().kind(), ErrorKind::exists);
  EXPECT_TRUE(std::filesystem::exists(file.path));
}

TEST_F(NetTest, ClosingAListenerEndsAccept) {
  auto listener = Listener::create(executor(), any_port());
  ASSERT_TRUE(listener);
  boost::asio::post(io_, [&] { (*listener)->close(); });
  const auto accepted = run((*listener)->accept());
  ASSERT_FALSE(accepted);
  EXPECT_EQ(accepted.error().kind(), ErrorKind::canceled);
}

TEST_F(NetTest, TakenPortIsAnError) {
  auto listener = Listener::create(executor(), any_port());
  ASSERT_TRUE(listener);
  auto again = Listener::create(executor(), (*listener)->address());
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().message().find("in use"), std::string::npos);
}

}  // namespace
}  // namespace cassia::net
