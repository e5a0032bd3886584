// SPDX-License-Identifier: Apache-2.0
// Through tinyproxy, with and without its password; spice-gtk goes the same way for comparison.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/interop/link/rig.h"

namespace cassia::test {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

class RealProxy : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = DemoServer::start(credentials_);
    ASSERT_TRUE(server) << server.error().message();
    server_ = std::move(*server);
    port_ = *free_port();
    std::ofstream(folder_ / "tinyproxy.conf")
        << "Port " << port_ << "\nListen 127.0.0.1\nTimeout 60\nAllow 127.0.0.1\nLogLevel Connect\n"
        << "LogFile \"" << log().string() << "\"\nPidFile \"" << (folder_ / "pid").string()
        << "\"\nBasicAuth ada lovelace\nConnectPort " << server_->port() << "\nConnectPort "
        << server_->tls_port() << "\n";
    auto proxy = Process::start({"tinyproxy", "-d", "-c", (folder_ / "tinyproxy.conf").string()});
    ASSERT_TRUE(proxy) << proxy.error().message();
    proxy_.emplace(std::move(*proxy));
    ASSERT_TRUE(wait_until([&] { return port_answers(port_); }))
        << proxy_->output() << proxy_->errors();
  }

  std::filesystem::path log() const { return folder_ / "log"; }
  std::string proxy(const std::string& credentials) const {
    return fmt::format("http://{}127.0.0.1:{}", credentials, port_);
  }
  std::size_t tunnels() const {
    std::ifstream in(log());
    std::size_t count = 0;
    for (std::string line; std::getline(in, line);) {
      if (line.find("CONNECT 127.0.0.1") != std::string::npos) ++count;
    }
    return count;
  }

  TemporaryFolder folder_;
  Credentials credentials_;
  std::unique_ptr<DemoServer> server_;
  std::optional<Process> proxy_;
  std::uint16_t port_ = 0;
};

TEST_F(RealProxy, EveryChannelGoesThroughIt) {
  const auto expected = server_->authoritative();
  ASSERT_TRUE(expected);
  const auto seen = view(
      server_->plain(), {.settle = milliseconds(200), .more = {"--proxy", proxy("ada:lovelace@")}});
  ASSERT_TRUE(seen) << seen.error().message() << proxy_->errors();
  EXPECT_TRUE(same_picture(seen->screenshot, *expected, "proxy"));
  EXPECT_GE(tunnels(), 2u);  // main and display at least
  const auto tls =
      view(server_->tls(),
           {.settle = milliseconds(200),
            .more = {"--proxy", proxy("ada:lovelace@"), "--ca-file", credentials_.certificate()}});
  EXPECT_TRUE(tls) << tls.error().message();

  // From a connection file, and from the variable that spice-gtk looks at.
  const auto vv = credentials_.file(
      "proxy.vv", fmt::format("[virt-viewer]\ntype=spice\nhost=127.0.0.1\nport={}\nproxy={}\n",
                              server_->port(), proxy("ada:lovelace@")));
  const std::size_t before = tunnels();
  EXPECT_TRUE(view(vv, {.settle = milliseconds(200)}));
  EXPECT_GT(tunnels(), before);
  ::setenv("SPICE_PROXY", proxy("ada:lovelace@").c_str(), 1);
  const std::size_t later = tunnels();
  EXPECT_TRUE(view(server_->plain(), {.settle = milliseconds(200)}));
  EXPECT_GT(tunnels(), later);
  ::unsetenv("SPICE_PROXY");

  const auto stock = gtk_client(server_->plain(), {"--proxy", proxy("ada:lovelace@")});
  ASSERT_TRUE(stock) << stock.error().message();
  EXPECT_EQ(stock->status, GtkStatus::complete) << stock->output << stock->errors;
}

TEST_F(RealProxy, TheCommandLineOfTheDisksGoesThroughItToo) {
  const std::size_t before = tunnels();
  const auto listed =
      disk({"--connect", server_->plain(), "--proxy", proxy("ada:lovelace@"), "list"});
  ASSERT_TRUE(listed) << listed.error().message();
  EXPECT_EQ(listed->status, 0) << listed->output << listed->errors;
  EXPECT_GE(tunnels(), before + 2) << "main and port";
  const auto refused =
      disk({"--connect", server_->plain(), "--proxy", proxy("ada:babbage@"), "list"});
  ASSERT_TRUE(refused) << refused.error().message();
  EXPECT_NE(refused->status, 0);
  EXPECT_THAT(refused->errors, HasSubstr("the proxy refuses"));
}

TEST_F(RealProxy, ItsPasswordIsNeeded) {
  EXPECT_THAT(viewer_failure(server_->plain(), {"--proxy", proxy("")}),
              HasSubstr("wants a user name"));
  EXPECT_THAT(viewer_failure(server_->plain(), {"--proxy", proxy("ada:babbage@")}),
              HasSubstr("the proxy refuses the user name or the password"));
}

}  // namespace
}  // namespace cassia::test
