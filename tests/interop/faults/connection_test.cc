// SPDX-License-Identifier: Apache-2.0
// Wrong passwords and peers that talk nonsense, against the gateway's built-in demo guest.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <spice/protocol.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "base/file.h"
#include "tests/support/paths.h"
#include "tests/support/programs.h"

namespace cassia::test {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

/// A failed program says one line on standard error, and nothing else there.
void expect_one_line(const Finished& finished) {
  EXPECT_NE(finished.status, 0);
  EXPECT_LT(finished.status, 128) << "it crashed";
  EXPECT_EQ(std::count(finished.errors.begin(), finished.errors.end(), '\n'), 1) << finished.errors;
}

class ConnectionFaults : public ::testing::Test {
 protected:
  std::string password_file(const std::string& name, const std::string& password) {
    const auto file = folder_ / name;
    EXPECT_TRUE(write_file_atomically(file, as_bytes(password), 0600));
    return file;
  }

  std::unique_ptr<Gateway> demo_gateway() {
    auto gateway = Gateway::start({"--demo", "--demo-clock", "12:00:00", "--password-file",
                                   password_file("right", "correct")});
    EXPECT_TRUE(gateway) << gateway.error().message();
    return gateway ? std::move(*gateway) : nullptr;
  }

  /// The gateway serves a viewer with the right password all the same.
  void expect_serves(Gateway& gateway) {
    const auto seen =
        view(gateway.uri(), {.more = {"--password-file", (folder_ / "right").string()}});
    ASSERT_TRUE(seen) << seen.error().message();
    EXPECT_GE(seen->screenshot.colours(), 8u);
  }

  TemporaryFolder folder_;
};

/// Sends `bytes` to the gateway, says that nothing more comes, and returns all it answers. Fails
/// the test if the gateway does not end the connection.
std::string talk(std::uint16_t port, const std::string& bytes) {
  FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  timeval limit{20, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  EXPECT_EQ(::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  ::shutdown(socket.get(), SHUT_WR);
  std::string answer;
  char chunk[4096];
  ssize_t n = 0;
  while ((n = ::recv(socket.get(), chunk, sizeof chunk, 0)) > 0) {
    answer.append(chunk, static_cast<std::size_t>(n));
  }
  EXPECT_TRUE(n == 0 || errno == ECONNRESET) << "the gateway keeps the connection open";
  return answer;
}

std::string link_message(std::uint32_t magic, std::uint32_t size, std::uint32_t capabilities = 0) {
  SpiceLinkHeader header{magic, SPICE_VERSION_MAJOR, SPICE_VERSION_MINOR, size};
  SpiceLinkMess message{};
  message.channel_type = SPICE_CHANNEL_MAIN;
  message.num_common_caps = capabilities;
  message.caps_offset = sizeof message;
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
  bytes.append(reinterpret_cast<const char*>(&message), sizeof message);
  return bytes;
}

TEST_F(ConnectionFaults, AWrongPasswordIsSaidToBeWrong) {
  auto gateway = demo_gateway();
  ASSERT_TRUE(gateway);
  const auto finished =
      run({program("cassia-viewer"), "--headless", "--settle", "500", "--password-file",
           password_file("wrong", "incorrect"), gateway->uri()});
  ASSERT_TRUE(finished) << finished.error().message();
  expect_one_line(*finished);
  EXPECT_THAT(finished->errors, HasSubstr("password"));
  const auto by_disk =
      disk({"--connect", gateway->uri(), "--password-file", folder_ / "wrong", "list"});
  ASSERT_TRUE(by_disk) << by_disk.error().message();
  expect_one_line(*by_disk);
  EXPECT_THAT(by_disk->errors, HasSubstr("password"));
  expect_serves(*gateway);
}

TEST_F(ConnectionFaults, NobodyListensThere) {
  const auto port = free_port();
  ASSERT_TRUE(port);
  const std::string uri = "spice://127.0.0.1:" + std::to_string(*port);
  const auto finished = run({program("cassia-viewer"), "--headless", "--settle", "500", uri});
  ASSERT_TRUE(finished) << finished.error().message();
  expect_one_line(*finished);
  EXPECT_THAT(finished->errors, HasSubstr(std::to_string(*port)));
}

TEST_F(ConnectionFaults, TheGatewayDoesNotListenWithoutAPassword) {
  const auto port = free_port();
  ASSERT_TRUE(port);
  const auto finished =
      run({program("cassia-gateway"), "--demo", "--listen", "127.0.0.1:" + std::to_string(*port)},
          {}, seconds(20));
  ASSERT_TRUE(finished) << finished.error().message();
  expect_one_line(*finished);
  EXPECT_THAT(finished->errors, HasSubstr("--no-auth"));
}

TEST_F(ConnectionFaults, NonsenseEndsItsConnectionAndNothingElse) {
  auto gateway = demo_gateway();
  ASSERT_TRUE(gateway);
  const std::uint16_t port = gateway->port();
  talk(port, "GET / HTTP/1.0\r\n\r\n");
  talk(port, link_message(SPICE_MAGIC ^ 1, sizeof(SpiceLinkMess)));
  talk(port, link_message(SPICE_MAGIC, sizeof(SpiceLinkMess)).substr(0, 20));
  talk(port, link_message(SPICE_MAGIC, 0xfffffff0u));
  talk(port, link_message(SPICE_MAGIC, 3));
  talk(port, link_message(SPICE_MAGIC, sizeof(SpiceLinkMess), 0x40000000u));
  // A link that is right up to the ticket, and then not a ticket.
  talk(port, link_message(SPICE_MAGIC, sizeof(SpiceLinkMess)) + std::string(132, 'x'));
  talk(port, std::string(1 << 20, '\xff'));
  EXPECT_TRUE(gateway->process().running());
  expect_serves(*gateway);
}

TEST_F(ConnectionFaults, AViewerThatGetsNonsenseSaysSo) {
  // A server that answers every link with noise.
  FileDescriptor server(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(::bind(server.get(), generic, sizeof address), 0);
  ASSERT_EQ(::listen(server.get(), 4), 0);
  ASSERT_EQ(::getsockname(server.get(), generic, &length), 0);
  auto viewer = Process::start({program("cassia-viewer"), "--headless", "--settle", "500",
                                "spice://127.0.0.1:" + std::to_string(ntohs(address.sin_port))});
  ASSERT_TRUE(viewer) << viewer.error().message();
  FileDescriptor connection(::accept(server.get(), nullptr, nullptr));
  const std::string noise(4096, 'n');
  ::send(connection.get(), noise.data(), noise.size(), MSG_NOSIGNAL);
  const auto status = viewer->wait(seconds(30));
  ASSERT_TRUE(status) << status.error().message();
  expect_one_line({*status, viewer->output(), viewer->errors()});
}

}  // namespace
}  // namespace cassia::test
