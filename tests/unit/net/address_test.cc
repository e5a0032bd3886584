// SPDX-License-Identifier: Apache-2.0
#include "net/address.h"

#include <gtest/gtest.h>

namespace cassia::net {
namespace {

TEST(SpiceUri, TakesEveryFormThatVirtViewerTakes) {
  const auto tcp = [](std::string host, std::uint16_t port) {
    return Address{Transport::tcp, std::move(host), port, {}};
  };
  EXPECT_EQ(parse_spice_uri("spice://vm.example:5901").value(), tcp("vm.example", 5901));
  EXPECT_EQ(parse_spice_uri("spice://vm.example").value(), tcp("vm.example", 5900));
  EXPECT_EQ(parse_spice_uri("spice://[::1]:5930/").value(), tcp("::1", 5930));
  EXPECT_EQ(parse_spice_uri("spice://vm?port=5902").value(), tcp("vm", 5902));
  EXPECT_EQ(parse_spice_uri("spice://vm?port=5902&tls-port=5903").value(),
            (Address{Transport::tls, "vm", 5903, {}}));
  EXPECT_EQ(parse_spice_uri("spice+tls://vm:5904").value(),
            (Address{Transport::tls, "vm", 5904, {}}));
  EXPECT_EQ(parse_spice_uri("spice+unix:///run/a%20b.sock").value(),
            (Address{Transport::unix_socket, {}, 0, "/run/a b.sock"}));
}

TEST(SpiceUri, MayHaveTwoPortsAndAUser) {
  const auto both =
      parse_spice_uris("spice://ada%40home@vm?port=5902;tls-port=5903&password=a%26b");
  ASSERT_TRUE(both) << both.error().message();
  EXPECT_EQ(both->plain, (Address{Transport::tcp, "vm", 5902, {}}));
  EXPECT_EQ(both->tls, (Address{Transport::tls, "vm", 5903, {}}));
  EXPECT_EQ(both->user, "ada@home");
  EXPECT_EQ(both->password, "a&b");
  const auto mixed = parse_spice_uris("spice://vm:5902/?tls-port=5903");
  ASSERT_TRUE(mixed);
  EXPECT_EQ(mixed->plain->port, 5902);
  EXPECT_EQ(mixed->tls->port, 5903);
  const auto tls_only = parse_spice_uris("spice://vm?tls-port=5903");
  ASSERT_TRUE(tls_only);
  EXPECT_FALSE(tls_only->plain);
}

TEST(SpiceUri, WebSocketsKeepTheirPath) {
  const auto ws = [](Transport transport, std::uint16_t port, std::string path) {
    return Address{transport, "vm", port, std::move(path), true};
  };
  EXPECT_EQ(*parse_spice_uri("ws://vm:5900"), ws(Transport::tcp, 5900, "/"));
  EXPECT_EQ(*parse_spice_uri("spice+ws://vm/a?token=x;y"), ws(Transport::tcp, 80, "/a?token=x;y"));
  EXPECT_EQ(*parse_spice_uri("spice+wss://vm?t=1"), ws(Transport::tls, 443, "/?t=1"));
  EXPECT_FALSE(parse_spice_uri("ws://vm/a b\r\nHost: x"));
}

TEST(SpiceUri, NamesWhatIsWrong) {
  for (const char* bad : {"", "vnc://x", "spice://", "spice://:5900", "spice://h:0",
                          "spice://h:70000", "spice://h:5a", "spice://h?port=", "spice://h?sound=1",
                          "spice+unix://relative", "spice://[::1", "spice://a:b:c"}) {
    const auto result = parse_spice_uri(bad);
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error().kind(), ErrorKind::invalid_argument) << bad;
  }
  EXPECT_NE(parse_spice_uri("spice://h:70000").error().message().find("70000"), std::string::npos);
}

TEST(SocketAddress, RoundTrips) {
  for (const char* text : {"127.0.0.1:5999", "[::1]:5999", "unix:/run/x.sock", ":5999", "host:0"}) {
    const auto address = parse_socket_address(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(to_string(*address), text);
  }
  EXPECT_EQ(parse_socket_address("/run/x.sock").value().path, "/run/x.sock");
  for (const char* bad : {"", "5999", "host", "host:", "::1:5999", "unix:x"}) {
    EXPECT_FALSE(parse_socket_address(bad)) << bad;
  }
}

}  // namespace
}  // namespace cassia::net
