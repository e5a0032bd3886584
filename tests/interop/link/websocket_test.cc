// SPDX-License-Identifier: Apache-2.0
// SPICE inside WebSocket on the port of SPICE itself: the viewer against libspice-server and the
// gateway, with TLS and without.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/interop/link/rig.h"

namespace cassia::test {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

std::string web(std::string_view scheme, std::uint16_t port) {
  return fmt::format("{}://127.0.0.1:{}/websockify", scheme, port);
}

TEST(WebSocketLink, TheViewerSpeaksItToQemu) {
  Credentials credentials;
  auto qemu = StoppedQemu::start(credentials, {"disable-ticketing=on", true, "", ""});
  ASSERT_TRUE(qemu) << qemu.error().message();
  const auto expected = (*qemu)->screen({"--ca-file", credentials.certificate()});
  ASSERT_TRUE(expected) << expected.error().message();
  const auto plain = view(web("spice+ws", (*qemu)->port()), {.settle = milliseconds(200)});
  ASSERT_TRUE(plain) << plain.error().message();
  EXPECT_TRUE(same_picture(plain->screenshot, *expected, "ws-qemu"));
  const auto tls =
      view(web("wss", (*qemu)->tls_port()),
           {.settle = milliseconds(200), .more = {"--ca-file", credentials.certificate()}});
  ASSERT_TRUE(tls) << tls.error().message();
  EXPECT_TRUE(same_picture(tls->screenshot, *expected, "wss-qemu"));
}

TEST(WebSocketLink, TheGatewayServesItOnEveryPort) {
  Credentials credentials;
  auto server = DemoServer::start(credentials, {"--secure-channels", "main"});
  ASSERT_TRUE(server) << server.error().message();
  const auto expected = (*server)->authoritative();
  ASSERT_TRUE(expected) << expected.error().message();
  const auto tls =
      view(web("spice+wss", (*server)->tls_port()),
           {.settle = milliseconds(200), .more = {"--ca-file", credentials.certificate()}});
  ASSERT_TRUE(tls) << tls.error().message();
  EXPECT_TRUE(same_picture(tls->screenshot, *expected, "wss-gateway"));
  // TLS below the WebSocket counts, and nothing else does.
  EXPECT_THAT(viewer_failure(web("ws", (*server)->port()), {}), HasSubstr("needs TLS"));
}

TEST(WebSocketLink, AnHttpServerThatKnowsNoneIsNamed) {
  Credentials credentials;
  auto server = DemoServer::start(credentials);
  ASSERT_TRUE(server) << server.error().message();
  const auto seen = view(web("ws", (*server)->port()), {.settle = milliseconds(200)});
  ASSERT_TRUE(seen) << seen.error().message();
  // A TLS port that gets plain HTTP says nothing that a WebSocket client could read.
  EXPECT_FALSE(viewer_failure(web("ws", (*server)->tls_port()), {}).empty());
}

}  // namespace
}  // namespace cassia::test
