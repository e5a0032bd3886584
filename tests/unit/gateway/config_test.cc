// SPDX-License-Identifier: Apache-2.0
#include "server/gateway/config.h"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <filesystem>

#include "base/file.h"

namespace cassia::server {
namespace {

using testing::HasSubstr;

class ConfigTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "cassia-config-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file(const char* name, std::string_view text) {
    EXPECT_TRUE(write_file_atomically(folder_ / name, as_bytes(text)));
    return folder_ / name;
  }

  static Result<GatewayConfig> parse(std::vector<std::string> arguments) {
    std::vector<const char*> argv = {"cassia-gateway"};
    for (const auto& argument : arguments) argv.push_back(argument.c_str());
    const auto line = CASSIA_TRY(parse_command_line(static_cast<int>(argv.size()), argv.data()));
    return make_config(line.options);
  }
  static void expect_refused(std::vector<std::string> arguments, const std::string& words) {
    const auto config = parse(std::move(arguments));
    ASSERT_FALSE(config) << words;
    EXPECT_THAT(config.error().message(), HasSubstr(words));
    EXPECT_THAT(config.error().message(), Not(HasSubstr("\n")));
  }

  std::filesystem::path folder_;
};

TEST_F(ConfigTest, TakesTheFlags) {
  const auto config = parse({"--upstream", "spice+unix:///run/vm.sock", "--listen",
                             "127.0.0.1:5999", "--listen", "unix:/run/gw.sock", "--no-auth",
                             "--qmp", "/run/qmp.sock", "--storage-root", folder_});
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_EQ(config->upstream->path, "/run/vm.sock");
  ASSERT_EQ(config->listen.size(), 2u);
  EXPECT_EQ(net::to_string(config->listen[0]), "127.0.0.1:5999");
  EXPECT_EQ(config->qmp, "/run/qmp.sock");
  EXPECT_FALSE(config->password);
}

TEST_F(ConfigTest, UsersAndChannelsThatNeedTls) {
  const std::string users = file("users.db", "x");
  const std::vector<std::string> base = {"--demo", "--listen", "127.0.0.1:0"};
  const auto with = [&base](std::vector<std::string> more) {
    more.insert(more.begin(), base.begin(), base.end());
    return more;
  };
  const auto config =
      parse(with({"--sasl-db", users, "--sasl-realm", "here", "--sasl-mechanisms",
                  "SCRAM-SHA-256,PLAIN", "--sasl-user", "ada", "--sasl-user", "bob"}));
  ASSERT_TRUE(config) << config.error().message();
  ASSERT_TRUE(config->access.sasl);
  EXPECT_EQ(config->access.sasl->database, users);
  EXPECT_EQ(config->access.sasl->realm, "here");
  EXPECT_EQ(config->access.sasl->mechanisms, "SCRAM-SHA-256 PLAIN");
  EXPECT_EQ(config->access.users, (std::set<std::string>{"ada", "bob"}));
  EXPECT_FALSE(config->access.tickets);
  const auto both =
      parse(with({"--sasl-db", users, "--password-file", file("password", "secret\n")}));
  ASSERT_TRUE(both) << both.error().message();
  EXPECT_TRUE(both->access.tickets);
  expect_refused(with({"--sasl-db", users, "--no-auth"}), "exclude");
  expect_refused(with({"--sasl-db", folder_ / "none"}), "none");
  expect_refused(with({"--sasl-user", "ada", "--no-auth"}), "--sasl-db");

  expect_refused(with({"--secure-channels", "main", "--no-auth"}), "--tls-listen");
  expect_refused(with({"--plain-channels", "mian", "--no-auth"}), "'mian'");
  const auto plain = parse(with({"--plain-channels", "display, cursor", "--no-auth"}));
  ASSERT_TRUE(plain) << plain.error().message();
  EXPECT_TRUE(plain->access.plain.has(spice::ChannelType::cursor));
  EXPECT_FALSE(plain->access.plain.has(spice::ChannelType::main));
  EXPECT_TRUE(plain->access.secure.empty());
  const auto secure = parse({"--demo", "--no-auth", "--tls-listen", "127.0.0.1:0", "--tls-cert",
                             "c", "--tls-key", "k", "--secure-channels", "all"});
  ASSERT_TRUE(secure) << secure.error().message();
  EXPECT_TRUE(secure->access.secure.has(spice::ChannelType::port));
}

TEST_F(ConfigTest, RefusesToLetEverybodyInByAccident) {
  expect_refused({"--demo", "--listen", "127.0.0.1:0"}, "--no-auth");
  const auto refused = parse({"--demo", "--listen", "127.0.0.1:0"});
  EXPECT_EQ(exit_code(refused.error()), 2);
  EXPECT_TRUE(parse({"--demo", "--listen", "unix:/run/gw.sock"}));
  const std::string password = file("password", "secret\nsecond line\n");
  const auto config = parse({"--demo", "--listen", "127.0.0.1:0", "--password-file", password});
  ASSERT_TRUE(config);
  EXPECT_EQ(config->password, "secret");
}

TEST_F(ConfigTest, NamesWhatIsWrong) {
  expect_refused({"--listen", "unix:/x"}, "--upstream");
  expect_refused({"--demo", "--demo-page", "draws-0", "--listen", "unix:/x"}, "draws-1");
  expect_refused({"--demo-page", "draws-1", "--upstream", "spice://h", "--listen", "unix:/x"},
                 "--demo-page");
  expect_refused({"--demo", "--upstream", "spice://h", "--listen", "unix:/x"}, "--demo");
  expect_refused({"--demo"}, "--listen");
  expect_refused({"--upstream", "vnc://h", "--listen", "unix:/x"}, "vnc://h");
  expect_refused({"--demo", "--listen", "nowhere"}, "nowhere");
  expect_refused({"--demo", "--tls-listen", "127.0.0.1:1", "--no-auth"}, "--tls-cert");
  expect_refused({"--demo", "--listen", "unix:/x", "--tls-cert", "a"}, "--tls-key");
  expect_refused({"--demo", "--listen", "unix:/x", "--storage-root", "/no/such"}, "/no/such");
  expect_refused({"--demo", "--listen", "unix:/x", "--password-file", "/no/such"}, "/no/such");
  expect_refused({"--demo", "--listen", "unix:/x", "--ready-fd", "x"}, "--ready-fd");
  expect_refused({"--demo", "--listen", "unix:/x", "--qmp", "/q"}, "--qmp");
  expect_refused({"--nonsense"}, "nonsense");
  expect_refused({"--demo", "--listen", "unix:/x", "--password-file", file("e", "\n")}, "password");
  expect_refused(
      {"--demo", "--listen", "unix:/x", "--password-file", file("l", std::string(61, 'x'))}, "60");
}

TEST_F(ConfigTest, FlagsWinOverTheFile) {
  const std::string toml = file("gw.toml",
                                "upstream = \"spice://vm:5901\"\nlisten = [\"unix:/run/a\", "
                                "\"unix:/run/b\"]\nno-auth = true\nlog-level = \"debug\"\n");
  const auto from_file = parse({"--config", toml});
  ASSERT_TRUE(from_file) << from_file.error().message();
  EXPECT_EQ(from_file->upstream->port, 5901);
  EXPECT_EQ(from_file->listen.size(), 2u);
  EXPECT_EQ(from_file->log_level, "debug");
  const auto merged = parse({"--config", toml, "--listen", "127.0.0.1:7"});
  ASSERT_TRUE(merged);
  ASSERT_EQ(merged->listen.size(), 1u);
  EXPECT_EQ(merged->listen[0].port, 7);
}

TEST_F(ConfigTest, FileErrorsNameTheFileAndTheKey) {
  expect_refused({"--config", file("a.toml", "lisen = \"x\"\n")}, "lisen");
  expect_refused({"--config", file("b.toml", "demo = 3\n")}, "demo");
  expect_refused({"--config", file("c.toml", "listen = \n")}, "c.toml:1");
  expect_refused({"--config", file("d.toml", "listen = [[1]]\n")}, "listen");
  expect_refused({"--config", "/no/such.toml"}, "/no/such.toml");
}

TEST(GatewayConfig, AnUpstreamMayBeADisplayOnDbus) {
  const auto listening = [](const char* upstream) {
    return Options{{"upstream", {upstream}}, {"listen", {"unix:/tmp/gw"}}};
  };
  const auto monitor = make_config(listening("dbus+unix:///run/vm/qmp.sock"));
  ASSERT_TRUE(monitor) << monitor.error().message();
  ASSERT_TRUE(monitor->dbus);
  EXPECT_FALSE(monitor->upstream);
  EXPECT_EQ(monitor->dbus->qmp, "/run/vm/qmp.sock");
  const auto bus = make_config(listening("dbus:org.qemu@unix:path=/run/bus"));
  ASSERT_TRUE(bus) << bus.error().message();
  EXPECT_EQ(bus->dbus->destination, "org.qemu");
  EXPECT_EQ(bus->dbus->bus, "unix:path=/run/bus");
  for (const char* wrong : {"dbus+unix://relative", "dbus:", "dbus:no name", "dbus:org.qemu@"}) {
    EXPECT_FALSE(make_config(listening(wrong))) << wrong;
  }
  Options with_password = listening("dbus+unix:///run/vm/qmp.sock");
  with_password["upstream-user"] = {"ada"};
  const auto refused = make_config(with_password);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("--upstream-user"), std::string::npos);
}

}  // namespace
}  // namespace cassia::server
