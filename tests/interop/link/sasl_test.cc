// SPDX-License-Identifier: Apache-2.0
// SASL against the stock peers, in both directions. spice-gtk and libspice-server both want TLS or
// a mechanism that protects what follows; of the mechanisms at hand that is DIGEST-MD5.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/interop/link/rig.h"
#include "tests/support/paths.h"

namespace cassia::test {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

class SaslGateway : public ::testing::Test {
 protected:
  void start(const std::string& mechanisms, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"--sasl-db",         users_,     "--sasl-realm", "cassia",
                                          "--sasl-mechanisms", mechanisms, "--log-level",  "debug"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    auto server = DemoServer::start(credentials_, arguments);
    ASSERT_TRUE(server) << server.error().message();
    server_ = std::move(*server);
  }

  Result<GtkClientResult> stock(const std::string& uri, const std::string& user,
                                const std::string& password) {
    std::vector<std::string> arguments = {"--ca-file", credentials_.certificate()};
    if (!user.empty()) arguments.insert(arguments.end(), {"--user", user});
    if (!password.empty()) arguments.insert(arguments.end(), {"--password", password});
    return gtk_client(uri, arguments);
  }

  std::vector<std::string> ours(const std::string& user, const std::string& password) {
    return {"--ca-file",       credentials_.certificate(),
            "--user",          user,
            "--password-file", credentials_.file("password-" + password, password)};
  }

  void expect_both_see_the_guest(const std::string& uri) {
    const auto expected = server_->authoritative();
    ASSERT_TRUE(expected) << expected.error().message();
    const auto seen = stock(uri, "alice", "pencil");
    ASSERT_TRUE(seen) << seen.error().message();
    ASSERT_EQ(seen->status, GtkStatus::complete)
        << seen->output << seen->errors << server_->process().errors();
    EXPECT_TRUE(same_picture(seen->picture, *expected, "sasl-stock"));
    const auto by_ours = view(uri, {.settle = milliseconds(200), .more = ours("alice", "pencil")});
    ASSERT_TRUE(by_ours) << by_ours.error().message();
    EXPECT_TRUE(same_picture(by_ours->screenshot, *expected, "sasl-ours"));
    EXPECT_THAT(server_->process().errors(), HasSubstr("alice at 127.0.0.1"));
  }

  Credentials credentials_;
  const std::string users_ = credentials_.users("cassia");
  std::unique_ptr<DemoServer> server_;
};

TEST_F(SaslGateway, ScramSha256OverTls) {
  ASSERT_NO_FATAL_FAILURE(start("SCRAM-SHA-256"));
  expect_both_see_the_guest(server_->tls());
  for (const auto& [user, password] :
       {std::pair("alice", "crayon"), std::pair("mallory", "pencil"), std::pair("", "pencil")}) {
    const auto refused = stock(server_->tls(), user, password);
    ASSERT_TRUE(refused) << refused.error().message();
    EXPECT_EQ(refused->status, GtkStatus::auth) << user << refused->output << refused->errors;
  }
  EXPECT_THAT(viewer_failure(server_->tls(), ours("alice", "crayon")),
              HasSubstr("user name or the password"));
  EXPECT_THAT(viewer_failure(server_->tls(), ours("mallory", "pencil")),
              HasSubstr("user name or the password"));
  EXPECT_THAT(viewer_failure(server_->tls(), {"--ca-file", credentials_.certificate()}),
              HasSubstr("--user"));
  // The same at the plain port: both clients are sent to TLS, and know the way if it was named.
  EXPECT_THAT(viewer_failure(server_->plain(), ours("alice", "pencil")), HasSubstr("TLS"));
  const auto sent_on = stock(server_->both(), "alice", "pencil");
  ASSERT_TRUE(sent_on) << sent_on.error().message();
  EXPECT_EQ(sent_on->status, GtkStatus::complete) << sent_on->output << sent_on->errors;
}

TEST_F(SaslGateway, PlainOverTls) {
  ASSERT_NO_FATAL_FAILURE(start("PLAIN"));
  expect_both_see_the_guest(server_->tls());
  const auto refused = stock(server_->tls(), "alice", "crayon");
  ASSERT_TRUE(refused) << refused.error().message();
  EXPECT_EQ(refused->status, GtkStatus::auth) << refused->output << refused->errors;
  EXPECT_THAT(viewer_failure(server_->tls(), ours("alice", "crayon")),
              HasSubstr("user name or the password"));
}

TEST_F(SaslGateway, DigestMd5ProtectsAPlainConnection) {
  ASSERT_NO_FATAL_FAILURE(start("DIGEST-MD5"));
  const auto expected = server_->authoritative();
  ASSERT_TRUE(expected);
  const auto by_ours =
      view(server_->plain(), {.settle = milliseconds(200), .more = ours("alice", "pencil")});
  ASSERT_TRUE(by_ours) << by_ours.error().message() << server_->process().errors();
  EXPECT_TRUE(same_picture(by_ours->screenshot, *expected, "sasl-digest"));
  const auto seen = stock(server_->plain(), "alice", "pencil");
  ASSERT_TRUE(seen) << seen.error().message();
  EXPECT_EQ(seen->status, GtkStatus::complete)
      << seen->output << seen->errors << server_->process().errors();
}

TEST_F(SaslGateway, OnlyTheNamedUsersAreLetIn) {
  ASSERT_NO_FATAL_FAILURE(start("SCRAM-SHA-256", {"--sasl-user", "bob"}));
  const auto refused = stock(server_->tls(), "alice", "pencil");
  ASSERT_TRUE(refused) << refused.error().message();
  EXPECT_EQ(refused->status, GtkStatus::auth) << refused->output << refused->errors;
  EXPECT_THAT(server_->process().errors(), HasSubstr("'alice' is not let in"));
}

TEST_F(SaslGateway, ThePasswordOfAllWillDoWhereItIsSet) {
  start("SCRAM-SHA-256", {"--password-file", credentials_.file("ticket", "open")});
  const auto by_ticket =
      view(server_->plain(), {.settle = milliseconds(200),
                              .more = {"--password-file", credentials_.file("ticket", "open")}});
  EXPECT_TRUE(by_ticket) << by_ticket.error().message();
  const auto by_user =
      view(server_->tls(), {.settle = milliseconds(200), .more = ours("alice", "pencil")});
  EXPECT_TRUE(by_user) << by_user.error().message();
}

TEST_F(SaslGateway, AGatewayLogsInToItsUpstreamToo) {
  ASSERT_NO_FATAL_FAILURE(start("SCRAM-SHA-256"));
  const auto expected = server_->authoritative();
  ASSERT_TRUE(expected);
  const auto through = [&](const std::string& password) {
    return Gateway::start({"--upstream", server_->tls(), "--upstream-user", "alice",
                           "--upstream-ca-file", credentials_.certificate(),
                           "--upstream-password-file",
                           credentials_.file("upstream-" + password, password)});
  };
  const auto gateway = through("pencil");
  ASSERT_TRUE(gateway) << gateway.error().message();
  const auto seen = view((*gateway)->uri(), {.settle = milliseconds(200)});
  ASSERT_TRUE(seen) << seen.error().message() << (*gateway)->process().errors();
  EXPECT_TRUE(same_picture(seen->screenshot, *expected, "sasl-upstream"));
  const auto refused = through("crayon");
  ASSERT_TRUE(refused) << refused.error().message();
  EXPECT_TRUE((*refused)->process().wait_for_text("user name or the password"));
}

TEST_F(SaslGateway, TheCommandLineOfTheDisksLogsInToo) {
  ASSERT_NO_FATAL_FAILURE(start("SCRAM-SHA-256"));
  const auto listed =
      disk({"--connect", server_->tls(), "--ca-file", credentials_.certificate(), "--user", "alice",
            "--password-file", credentials_.file("password", "pencil"), "list"});
  ASSERT_TRUE(listed) << listed.error().message();
  EXPECT_EQ(listed->status, 0) << listed->errors;
}

class SaslQemu : public ::testing::Test {
 protected:
  void start(const std::string& mechanisms, bool tls) {
    auto qemu = StoppedQemu::start(credentials_, {"", tls, credentials_.users(""), mechanisms});
    ASSERT_TRUE(qemu) << qemu.error().message();
    qemu_ = std::move(*qemu);
  }
  std::vector<std::string> login(const std::string& password) {
    return {"--ca-file",       credentials_.certificate(),
            "--user",          "alice",
            "--password-file", credentials_.file("password-" + password, password)};
  }
  void expect_shown(const std::string& uri) {
    const auto expected = qemu_->screen(
        {"--user", "alice", "--password", "pencil", "--ca-file", credentials_.certificate()});
    ASSERT_TRUE(expected) << expected.error().message();
    const auto seen = view(uri, {.settle = milliseconds(200), .more = login("pencil")});
    ASSERT_TRUE(seen) << seen.error().message() << qemu_->process().errors();
    EXPECT_TRUE(same_picture(seen->screenshot, *expected, "sasl-qemu"));
    EXPECT_THAT(viewer_failure(uri, login("crayon")), HasSubstr("user name or the password"));
  }

  Credentials credentials_;
  std::unique_ptr<StoppedQemu> qemu_;
};

TEST_F(SaslQemu, ScramSha256OverTls) {
  ASSERT_NO_FATAL_FAILURE(start("scram-sha-256", true));
  expect_shown(qemu_->tls());
}

TEST_F(SaslQemu, PlainOverTls) {
  ASSERT_NO_FATAL_FAILURE(start("plain", true));
  expect_shown(qemu_->tls());
}

TEST_F(SaslQemu, DigestMd5OnAPlainConnection) {
  ASSERT_NO_FATAL_FAILURE(start("digest-md5", false));
  expect_shown(qemu_->plain());
}

}  // namespace
}  // namespace cassia::test
