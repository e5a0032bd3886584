// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <spice/enums.h>
#include <spice/protocol.h>

#include "channels/record/record_channel.h"
#include "protocol/spice/record_messages.h"
#include "tests/unit/channels/harness.h"

namespace cassia::channels {
namespace {

struct ClientLog : RecordClientEvents {
  void record_opened() override { said.emplace_back("opened"); }
  void record_start(const AudioFormat& f) override {
    said.push_back(fmt::format("start {}x{}", f.channels, f.frequency));
  }
  void record_stop() override { said.emplace_back("stop"); }
  void record_volume(const AudioVolume& v) override { volume = v; }
  void record_closed(const Error&) override { said.emplace_back("closed"); }
  std::vector<std::string> said;
  AudioVolume volume;
};

struct ServerLog : RecordServerEvents {
  void record_opened() override { said.emplace_back("opened"); }
  void record_begun(std::uint32_t time) override { said.push_back(fmt::format("begun {}", time)); }
  void record_data(AudioMode m, std::uint32_t t, ByteView d) override {
    said.push_back(fmt::format("data {} {} {}", to_string(m), t, d.size()));
  }
  void record_closed(const Error&) override { said.emplace_back("closed"); }
  std::vector<std::string> said;
};

struct Rig {
  explicit Rig(bool opus = true) {
    auto made_client = RecordClient::create(client_log);
    client = made_client.get();
    pair.emplace(
        [this, opus](const LinkRequest&) {
          auto made = RecordServer::create(server_log, opus);
          server = made.get();
          return made;
        },
        std::move(made_client));
    if (opus) pair->policy.caps = {SPICE_RECORD_CAP_OPUS, SPICE_RECORD_CAP_VOLUME};
    pair->pump();
  }
  ClientLog client_log;
  ServerLog server_log;
  RecordServer* server = nullptr;
  RecordClient* client = nullptr;
  std::optional<Pair> pair;
};

SharedBytes packet(std::size_t size) { return SharedBytes(Bytes(size, 1)); }

TEST(RecordTest, FromStartToStop) {
  Rig rig;
  EXPECT_TRUE(rig.client->can(AudioMode::opus));
  EXPECT_FALSE(rig.client->send_data(AudioMode::raw, 1, packet(4)));  // nobody asked
  rig.server->start({2, 48000});
  rig.server->send_volume({{7, 8}, true});
  rig.pair->pump();
  EXPECT_TRUE(rig.client->send_data(AudioMode::opus, 5, packet(10)));
  EXPECT_TRUE(rig.client->send_data(AudioMode::opus, 15, packet(11)));
  EXPECT_TRUE(rig.client->send_data(AudioMode::raw, 25, packet(1920)));
  rig.pair->pump();
  rig.server->stop();
  rig.server->stop();
  EXPECT_TRUE(rig.client->send_data(AudioMode::raw, 35, packet(1920)));  // it crosses the STOP
  rig.pair->pump();
  EXPECT_FALSE(rig.client->send_data(AudioMode::raw, 45, packet(1920)));
  EXPECT_EQ(rig.client_log.said, (std::vector<std::string>{"opened", "start 2x48000", "stop"}));
  EXPECT_EQ(rig.client_log.volume, (AudioVolume{{7, 8}, true}));
  EXPECT_EQ(rig.server_log.said, (std::vector<std::string>{"opened", "begun 5", "data opus 5 10",
                                                           "data opus 15 11", "data raw 25 1920"}));
}

TEST(RecordTest, ASecondStartBeginsAnew) {
  Rig rig;
  for (int round = 0; round < 2; ++round) {
    rig.server->start({2, 44100});
    rig.pair->pump();
    EXPECT_TRUE(rig.client->send_data(AudioMode::raw, 3, packet(4)));
    rig.pair->pump();
    rig.server->stop();
    rig.pair->pump();
  }
  EXPECT_EQ(std::count(rig.server_log.said.begin(), rig.server_log.said.end(), "begun 3"), 2);
}

TEST(RecordTest, OpusOnlyWhereItIsOffered) {
  Rig rig(false);
  EXPECT_FALSE(rig.client->can(AudioMode::opus));
  rig.server->start({2, 48000});
  rig.pair->pump();
  EXPECT_TRUE(rig.client->send_data(AudioMode::opus, 0, packet(9)));
  rig.pair->pump();
  ASSERT_TRUE(rig.pair->server_error);
  EXPECT_EQ(rig.pair->server_error->kind(), ErrorKind::unsupported);
}

TEST(RecordTest, AServerThatDoesNotReadCostsNothing) {
  Rig rig;
  rig.server->start({2, 48000});
  rig.pair->pump();
  int sent = 0;
  for (int i = 0; i < 10000; ++i) {
    sent += rig.client->send_data(AudioMode::raw, 0, packet(1920)) ? 1 : 0;
  }
  EXPECT_LT(sent, 60);
  EXPECT_LT(rig.client->link()->pending_output(), std::size_t{128} << 10);
}

TEST(RecordTest, HostileMessagesToTheServer) {
  ServerLog log;
  const auto server = RecordServer::create(log);
  const auto say = [&](std::uint16_t type, ByteView body) {
    return server->on_message(type, body, {}).has_value();
  };
  EXPECT_TRUE(say(SPICE_MSGC_RECORD_DATA, Bytes(1924)));     // nothing was asked for
  EXPECT_TRUE(say(SPICE_MSGC_RECORD_START_MARK, Bytes(4)));  // likewise
  EXPECT_FALSE(say(SPICE_MSGC_RECORD_DATA, Bytes(3)));
  EXPECT_FALSE(say(SPICE_MSGC_RECORD_DATA, Bytes(std::size_t{64} << 20)));
  EXPECT_FALSE(say(SPICE_MSGC_RECORD_START_MARK, Bytes(3)));
  EXPECT_FALSE(say(SPICE_MSGC_RECORD_MODE, Bytes{0, 0, 0, 0, 0, 0}));
  EXPECT_FALSE(say(SPICE_MSGC_RECORD_MODE, Bytes{0, 0, 0, 0}));
  EXPECT_FALSE(say(104, {}));
  const auto celt = server->on_message(SPICE_MSGC_RECORD_MODE, Bytes{0, 0, 0, 0, 2, 0}, {});
  ASSERT_FALSE(celt);
  EXPECT_EQ(celt.error().kind(), ErrorKind::unsupported);
  EXPECT_TRUE(log.said.empty());
}

TEST(RecordTest, HostileMessagesToTheClient) {
  ClientLog log;
  const auto client = RecordClient::create(log);
  const auto say = [&](std::uint16_t type, ByteView body) {
    return client->on_message(type, body, {}).has_value();
  };
  const auto start = [](std::uint32_t channels, std::uint16_t format, std::uint32_t frequency) {
    return wire::encode(spice::RecordStart{channels, format, frequency});
  };
  EXPECT_TRUE(say(SPICE_MSG_RECORD_STOP, {}));  // never started
  EXPECT_FALSE(say(SPICE_MSG_RECORD_START, start(0, 1, 48000)));
  EXPECT_FALSE(say(SPICE_MSG_RECORD_START, start(200, 1, 48000)));
  EXPECT_FALSE(say(SPICE_MSG_RECORD_START, start(2, 1, 0)));
  EXPECT_FALSE(say(SPICE_MSG_RECORD_START, Bytes(9)));
  EXPECT_FALSE(say(SPICE_MSG_RECORD_VOLUME, Bytes{255, 1, 1}));
  EXPECT_FALSE(say(SPICE_MSG_RECORD_MUTE, {}));
  EXPECT_TRUE(log.said.empty());
}

}  // namespace
}  // namespace cassia::channels
