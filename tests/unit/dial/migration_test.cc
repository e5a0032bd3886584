// SPDX-License-Identifier: Apache-2.0
#include "dial/migration.h"

#include <gtest/gtest.h>
#include <spice/enums.h>
#include <spice/protocol.h>

#include "channels/link/message_sender.h"

namespace cassia::dial {
namespace {

using channels::MigrationTarget;
using net::Address;
using net::Transport;

const Address tcp{Transport::tcp, "old.example", 5900, {}};
const Address tls{Transport::tls, "old.example", 5901, {}};
const Target plain = target_of(tcp);
const Target secure = target_of(tls);

Target old_with_both() {
  Target target = target_of(tcp);
  target.tls = tls;
  return target;
}

TEST(MovedToTest, PlainSessionsTakeThePlainPortAndTlsOnesNeverLeaveTls) {
  const MigrationTarget both{"new.example", 6900, 6901, ""};
  const Address new_tcp{Transport::tcp, "new.example", 6900, {}};
  const Address new_tls{Transport::tls, "new.example", 6901, {}};
  EXPECT_EQ(moved_to(both, plain)->plain, new_tcp);
  EXPECT_FALSE(moved_to(both, plain)->tls);
  EXPECT_EQ(moved_to(both, secure)->tls, new_tls);
  EXPECT_FALSE(moved_to(both, secure)->plain);
  EXPECT_EQ(moved_to(both, old_with_both())->plain, new_tcp);
  EXPECT_EQ(moved_to(both, old_with_both())->tls, new_tls);
  EXPECT_EQ(moved_to({"new.example", 0, 6901, ""}, plain)->tls, new_tls);
  EXPECT_FALSE(moved_to({"new.example", 0, 6901, ""}, plain)->plain);
  EXPECT_FALSE(moved_to({"new.example", 6900, 0, ""}, secure));
  EXPECT_FALSE(moved_to({"new.example", 6900, 0, ""}, old_with_both()));
  EXPECT_FALSE(moved_to({"new.example", 0, 0, ""}, plain));
  EXPECT_EQ(moved_to({"[fe80::1%eth0]", 6900, 0, ""}, plain)->plain->host, "fe80::1%eth0");
}

TEST(MovedToTest, WhoAsksAndWhomItTrustsStay) {
  Target source = old_with_both();
  source.secure_channels = {"main"};
  source.user = "ann";
  source.password = "secret";
  source.connect.proxy = net::Proxy{};
  source.connect.tls.ca_file = "/etc/ca.pem";
  source.connect.tls.host_subject = "CN=old";
  const auto there = moved_to({"new.example", 6900, 6901, "CN=new"}, source);
  ASSERT_TRUE(there);
  EXPECT_EQ(there->secure_channels, source.secure_channels);
  EXPECT_EQ(there->user, "ann");
  EXPECT_EQ(there->password, "secret");
  EXPECT_TRUE(there->connect.proxy);
  EXPECT_EQ(there->connect.tls.ca_file, "/etc/ca.pem");
  EXPECT_EQ(there->connect.tls.host_subject, "CN=new");
}

TEST(MovedToTest, HostileNamesAreRefused) {
  for (const std::string& host :
       {std::string(), std::string("a b"), std::string("/etc/passwd"), std::string("-x"),
        std::string("h\n"), std::string("x\x1b[2J"), std::string(256, 'a'), std::string("caf\xe9"),
        std::string("a;reboot"), std::string("user@host")}) {
    const auto there = moved_to({host, 5900, 0, ""}, plain);
    ASSERT_FALSE(there) << host;
    EXPECT_EQ(there.error().kind(), ErrorKind::malformed);
    // What the peer wrote is not put into a log.
    EXPECT_TRUE(host.size() < 2 || there.error().message().find(host) == std::string::npos);
  }
  EXPECT_TRUE(moved_to({std::string(255, 'a'), 5900, 0, ""}, plain));
}

TEST(MovedToTest, SubjectsAreChecked) {
  const auto subject = [](const std::string& text) {
    return moved_to({"h", 0, 1, text}, secure);
  };
  EXPECT_EQ(subject("C=XX,CN=vm")->connect.tls.host_subject, "C=XX,CN=vm");
  EXPECT_EQ(subject("")->connect.tls.host_subject, "");
  EXPECT_FALSE(subject("CN=\n"));
  EXPECT_FALSE(subject(std::string(1025, 'a')));
}

TEST(MigrationChannelTest, HearsTheAnswerToASeamlessRequest) {
  std::vector<bool> answers;
  MigrationChannel channel({},
                           {[] {}, [&](bool yes) { answers.push_back(yes); }, [](const Error&) {}});
  channels::MessageSender link({}, [] {});
  link.set_peer({spice::ChannelType::main, 0}, {});
  channel.attach(&link);
  EXPECT_FALSE(channel.ask_seamless(1));  // the server offers none
  link.set_peer({spice::ChannelType::main, 0}, {SPICE_MAIN_CAP_SEAMLESS_MIGRATE});
  EXPECT_TRUE(channel.ask_seamless(1));
  EXPECT_EQ(link.stats().messages_sent, 1u);
  ASSERT_TRUE(channel.on_message(SPICE_MSG_MAIN_MIGRATE_DST_SEAMLESS_ACK, {}, {}));
  ASSERT_TRUE(channel.on_message(SPICE_MSG_MAIN_MIGRATE_DST_SEAMLESS_NACK, {}, {}));
  EXPECT_EQ(answers, (std::vector<bool>{true, false}));
}

TEST(MigrationChannelTest, KeepsOnlySoMuchOfWhatComesTooEarly) {
  MigrationChannel channel({}, {[] {}, [](bool) {}, [](const Error&) {}});
  struct Sink : channels::Channel {
    Result<void> on_message(std::uint16_t type, ByteView, TimePoint) override {
      types.push_back(type);
      return {};
    }
    std::vector<std::uint16_t> types;
  };
  channels::MessageSender link({}, [] {});
  link.set_peer({spice::ChannelType::display, 0}, {});
  channel.attach(&link);
  EXPECT_TRUE(channel.on_message(301, Bytes(10), {}));
  EXPECT_TRUE(channel.on_message(302, Bytes(10), {}));
  Sink sink;
  ASSERT_TRUE(channel.replay(sink, {}));
  EXPECT_EQ(sink.types, (std::vector<std::uint16_t>{301, 302}));
  bool refused = false;
  for (int i = 0; i < 100000 && !refused; ++i) refused = !channel.on_message(303, {}, {});
  EXPECT_TRUE(refused);  // small messages count, too
}

}  // namespace
}  // namespace cassia::dial
