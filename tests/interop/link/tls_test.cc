// SPDX-License-Identifier: Apache-2.0
// Channels that need TLS, and channels that must not use it: each client finds the port it needs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"
#include "tests/interop/link/rig.h"

namespace cassia::test {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

class TlsLink : public ::testing::Test {
 protected:
  ViewerOptions ours(std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--ca-file", credentials_.certificate(), "--log-level", "debug"});
    return {.settle = milliseconds(200), .more = std::move(more)};
  }

  /// A connection file of such a server; `more` are further lines.
  std::string vv(std::uint16_t port, std::uint16_t tls_port, const std::string& more) {
    const auto pem = read_file(credentials_.certificate());
    EXPECT_TRUE(pem);
    std::string one_line;
    for (const char c : as_text(*pem)) {
      if (c == '\n') {
        one_line += "\\n";
      } else {
        one_line += c;
      }
    }
    return credentials_.file(
        "server.vv", fmt::format("[virt-viewer]\ntype=spice\nhost=127.0.0.1\nport={}\ntls-port={}\n"
                                 "ca={}\n{}",
                                 port, tls_port, one_line, more));
  }

  Credentials credentials_;
};

TEST_F(TlsLink, TheGatewaySendsEachChannelToItsPort) {
  auto server =
      DemoServer::start(credentials_, {"--secure-channels", "main,inputs", "--plain-channels",
                                       "display,cursor", "--log-level", "debug"});
  ASSERT_TRUE(server) << server.error().message();
  const auto expected = (*server)->authoritative();
  ASSERT_TRUE(expected);
  // Ours tries TLS first and is sent back; then it is told the channels, and needs no second try.
  const auto seen = view((*server)->both(), ours());
  ASSERT_TRUE(seen) << seen.error().message();
  EXPECT_TRUE(same_picture(seen->screenshot, *expected, "tls-channels"));
  EXPECT_THAT(seen->finished.errors, HasSubstr("must not use TLS; trying"));
  const auto told = view((*server)->both(), ours({"--secure-channels", "main,inputs"}));
  ASSERT_TRUE(told) << told.error().message();
  EXPECT_THAT(told->finished.errors, Not(HasSubstr("trying")));
  // The other way round: everything on the plain port until the server objects.
  const auto upgraded = view((*server)->both(), ours({"--secure-channels", "port"}));
  ASSERT_TRUE(upgraded) << upgraded.error().message();
  EXPECT_THAT(upgraded->finished.errors, HasSubstr("needs TLS; trying"));
  // spice-gtk begins on the plain port, and goes over to TLS where it must.
  const auto stock = gtk_client((*server)->both(), {"--ca-file", credentials_.certificate()});
  ASSERT_TRUE(stock) << stock.error().message();
  EXPECT_EQ(stock->status, GtkStatus::complete) << stock->output << stock->errors;
  EXPECT_TRUE(same_picture(stock->picture, *expected, "tls-channels-stock"));
  EXPECT_THAT((*server)->process().errors(), HasSubstr("the main channel needs TLS"));
  // Whoever knows one port only hears why it does not work.
  EXPECT_THAT(viewer_failure((*server)->plain(), {}), HasSubstr("needs TLS"));
  EXPECT_THAT(viewer_failure((*server)->tls(), {"--ca-file", credentials_.certificate()}),
              HasSubstr("must not use TLS"));
  // A unix socket needs none.
  EXPECT_TRUE(view((*server)->unix_socket(), ours()));
}

TEST_F(TlsLink, AChannelThatMustBeSecureIsNeverDowngraded) {
  auto server = DemoServer::start(credentials_, {"--plain-channels", "display"});
  ASSERT_TRUE(server) << server.error().message();
  const auto refused = viewer_failure(
      (*server)->both(), {"--ca-file", credentials_.certificate(), "--secure-channels", "all"});
  EXPECT_THAT(refused, HasSubstr("must not use TLS"));
}

TEST_F(TlsLink, TheCommandLineOfTheDisksKeepsToItsSecureChannels) {
  auto server = DemoServer::start(credentials_, {"--plain-channels", "main"});
  ASSERT_TRUE(server) << server.error().message();
  const auto list = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments = {"--connect", (*server)->both(), "--ca-file",
                                          credentials_.certificate()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.emplace_back("list");
    return disk(std::move(arguments));
  };
  const auto turned = list({"--secure-channels", "port"});
  ASSERT_TRUE(turned) << turned.error().message();
  EXPECT_EQ(turned->status, 0) << turned->errors;
  const auto refused = list({"--secure-channels", "all"});
  ASSERT_TRUE(refused) << refused.error().message();
  EXPECT_NE(refused->status, 0);
  EXPECT_THAT(refused->errors, HasSubstr("must not use TLS"));
}

TEST_F(TlsLink, ConnectionFilesNameBothPorts) {
  auto server = DemoServer::start(credentials_, {"--secure-channels", "main"});
  ASSERT_TRUE(server) << server.error().message();
  const auto file = [&](const std::string& more) {
    return vv((*server)->port(), (*server)->tls_port(), more);
  };
  const ViewerOptions quick{.settle = milliseconds(200)};
  EXPECT_TRUE(view(file("secure-channels=main;inputs\nhost-subject=CN=127.0.0.1\n"), quick));
  const auto lenient = view(file("host-subject=commonName=127.0.0.1\n"), quick);
  EXPECT_TRUE(lenient) << lenient.error().message();
  EXPECT_THAT(viewer_failure(file("host-subject=CN=somebody.else\n"), {}),
              HasSubstr("certificate"));
}

TEST_F(TlsLink, QemusChannelsEachOnItsPort) {
  auto qemu = StoppedQemu::start(
      credentials_,
      {"disable-ticketing=on,tls-channel=main,tls-channel=inputs,plaintext-channel=display", true,
       "", ""});
  ASSERT_TRUE(qemu) << qemu.error().message();
  const auto expected = (*qemu)->screen({"--ca-file", credentials_.certificate()});
  ASSERT_TRUE(expected) << expected.error().message();
  const auto seen = view((*qemu)->both(), ours());
  ASSERT_TRUE(seen) << seen.error().message();
  EXPECT_TRUE(same_picture(seen->screenshot, *expected, "tls-qemu"));
  EXPECT_THAT(seen->finished.errors, HasSubstr("must not use TLS; trying"));
  const auto upgraded = view((*qemu)->both(), ours({"--secure-channels", "inputs"}));
  ASSERT_TRUE(upgraded) << upgraded.error().message();
  EXPECT_THAT(upgraded->finished.errors, HasSubstr("needs TLS; trying"));
  EXPECT_THAT(viewer_failure((*qemu)->plain(), {}), HasSubstr("needs TLS"));
}

}  // namespace
}  // namespace cassia::test
