// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <spice/enums.h>
#include <spice/protocol.h>

#include "channels/playback/playback_channel.h"
#include "protocol/spice/playback_messages.h"
#include "tests/unit/channels/harness.h"

namespace cassia::channels {
namespace {

struct ClientLog : PlaybackClientEvents {
  void playback_start(const AudioFormat& f, AudioMode m, std::uint32_t t) override {
    said.push_back(fmt::format("start {}x{} {} {}", f.channels, f.frequency, to_string(m), t));
  }
  void playback_data(std::uint32_t t, ByteView d) override {
    said.push_back(fmt::format("data {} {}", t, d.size()));
    data.insert(data.end(), d.begin(), d.end());
  }
  void playback_stop() override { said.emplace_back("stop"); }
  void playback_volume(const AudioVolume& v) override { volume = v; }
  void playback_latency(std::uint32_t ms) override { latency = ms; }
  void playback_closed(const Error&) override { said.emplace_back("closed"); }
  std::vector<std::string> said;
  Bytes data;
  AudioVolume volume;
  std::uint32_t latency = 0;
};

struct ServerLog : PlaybackServerEvents {
  void playback_opened() override { opened = true; }
  void playback_closed(const Error&) override { closed = true; }
  bool opened = false;
  bool closed = false;
};

/// Both roles, joined in memory.
struct Rig {
  explicit Rig(bool opus = true, std::size_t fragment = 1)
      : pair(
            [this](const LinkRequest&) {
              auto made = PlaybackServer::create(server_log);
              server = made.get();
              return made;
            },
            PlaybackClient::create(client_log, opus), {}, fragment) {
    pair.pump();
  }
  ClientLog client_log;
  ServerLog server_log;
  PlaybackServer* server = nullptr;
  Pair pair;
};

TEST(PlaybackTest, AStreamFromStartToStop) {
  Rig rig;
  ASSERT_TRUE(rig.server_log.opened);
  EXPECT_TRUE(rig.server->can(AudioMode::opus));
  rig.server->send_volume({{1000, 2000}, true});
  rig.server->send_latency(150);
  rig.server->start({2, 48000}, AudioMode::opus, 10);
  const Bytes packet = {1, 2, 3};
  EXPECT_TRUE(rig.server->send_data(20, SharedBytes(packet)));
  rig.server->stop();
  rig.server->stop();
  EXPECT_FALSE(rig.server->send_data(30, SharedBytes(packet)));
  rig.pair.pump();
  EXPECT_EQ(rig.client_log.said,
            (std::vector<std::string>{"start 2x48000 opus 10", "data 20 3", "stop"}));
  EXPECT_EQ(rig.client_log.data, packet);
  EXPECT_EQ(rig.client_log.volume, (AudioVolume{{1000, 2000}, true}));
  EXPECT_EQ(rig.client_log.latency, 150u);
}

TEST(PlaybackTest, TheModeIsToldOnceAndChangesMidStream) {
  Rig rig;
  rig.server->start({2, 48000}, AudioMode::raw, 1);
  rig.server->start({2, 44100}, AudioMode::raw, 2);
  rig.server->start({2, 48000}, AudioMode::opus, 3);
  rig.pair.pump();
  EXPECT_EQ(rig.client_log.said,
            (std::vector<std::string>{"start 2x48000 raw 1", "stop", "start 2x44100 raw 2", "stop",
                                      "start 2x48000 opus 3"}));
  EXPECT_EQ(rig.pair.server->stats().messages_sent, 1u + 2 + 2 + 3);  // SET_ACK first
  // A server may also change the mode while its stream goes on.
  rig.client_log.said.clear();
  const auto mode = wire::encode(spice::AudioModeMessage{9, SPICE_AUDIO_DATA_MODE_RAW, {}});
  ASSERT_TRUE(rig.pair.client->channel().on_message(SPICE_MSG_PLAYBACK_MODE, mode, {}));
  EXPECT_EQ(rig.client_log.said, (std::vector<std::string>{"start 2x48000 raw 9"}));
}

TEST(PlaybackTest, AClientWithoutOpusGetsRawOnly) {
  Rig rig(false);
  EXPECT_TRUE(rig.server->can(AudioMode::raw));
  EXPECT_FALSE(rig.server->can(AudioMode::opus));
}

TEST(PlaybackTest, VolumeAndLatencyOnlyForClientsThatKnowThem) {
  RecordingChannel::Log log;
  ServerLog server_log;
  PlaybackServer* server = nullptr;
  Pair pair(
      [&](const LinkRequest&) {
        auto made = PlaybackServer::create(server_log);
        server = made.get();
        return made;
      },
      std::make_unique<RecordingChannel>(log));
  pair.pump();
  server->send_volume({{1, 2}, false});
  server->send_latency(5);
  pair.pump();
  EXPECT_TRUE(log.messages.empty());
}

TEST(PlaybackTest, AClientThatDoesNotAckLosesSoundAndCostsNothing) {
  Rig rig;
  rig.server->start({2, 48000}, AudioMode::raw, 0);
  const SharedBytes packet(Bytes(1920, 7));
  int sent = 0;
  for (std::uint32_t i = 0; i < 10000; ++i) sent += rig.server->send_data(10 * i, packet) ? 1 : 0;
  EXPECT_LT(sent, 50);
  EXPECT_LT(rig.server->link()->pending_output(), std::size_t{256} << 10);
  rig.pair.pump();  // its acks come
  EXPECT_TRUE(rig.server->send_data(0, packet));
}

TEST(PlaybackTest, TheEndStopsTheStream) {
  Rig rig;
  rig.server->start({2, 48000}, AudioMode::raw, 0);
  rig.pair.pump();
  rig.pair.client->closed({ErrorKind::closed, "bye"});
  EXPECT_EQ(rig.client_log.said.back(), "closed");
  EXPECT_EQ(rig.client_log.said[rig.client_log.said.size() - 2], "stop");
  rig.pair.server->closed({ErrorKind::closed, "bye"});
  EXPECT_TRUE(rig.server_log.closed);
}

Bytes start_body(std::uint32_t channels, std::uint16_t format, std::uint32_t frequency) {
  return wire::encode(spice::PlaybackStart{channels, format, frequency, 0});
}

TEST(PlaybackTest, HostileMessages) {
  ClientLog log;
  const auto client = PlaybackClient::create(log);
  const auto say = [&](std::uint16_t type, ByteView body) {
    return client->on_message(type, body, {}).has_value();
  };
  EXPECT_TRUE(say(SPICE_MSG_PLAYBACK_STOP, {}));           // never started
  EXPECT_TRUE(say(SPICE_MSG_PLAYBACK_DATA, Bytes(1924)));  // likewise
  EXPECT_FALSE(say(SPICE_MSG_PLAYBACK_START, start_body(0, 1, 48000)));
  EXPECT_FALSE(say(SPICE_MSG_PLAYBACK_START, start_body(200, 1, 48000)));
  EXPECT_FALSE(say(SPICE_MSG_PLAYBACK_START, start_body(2, 1, 0)));
  EXPECT_FALSE(say(SPICE_MSG_PLAYBACK_START, start_body(2, 2, 48000)));
  EXPECT_FALSE(say(SPICE_MSG_PLAYBACK_START, Bytes(13)));
  EXPECT_TRUE(log.said.empty());

  ASSERT_TRUE(say(SPICE_MSG_PLAYBACK_START, start_body(2, 1, 48000)));
  EXPECT_TRUE(say(SPICE_MSG_PLAYBACK_DATA, Bytes(4)));  // a time and nothing
  EXPECT_FALSE(say(SPICE_MSG_PLAYBACK_DATA, Bytes(3)));
  EXPECT_FALSE(say(SPICE_MSG_PLAYBACK_DATA, Bytes(std::size_t{64} << 20)));
  EXPECT_EQ(log.said.size(), 1u);

  EXPECT_FALSE(say(SPICE_MSG_PLAYBACK_MODE, Bytes{0, 0, 0, 0, 0, 0}));
  EXPECT_FALSE(say(SPICE_MSG_PLAYBACK_MODE, Bytes{0, 0, 0, 0, 3}));
  EXPECT_FALSE(say(SPICE_MSG_PLAYBACK_LATENCY, Bytes(3)));
  EXPECT_FALSE(say(SPICE_MSG_PLAYBACK_MUTE, {}));
  const auto celt = client->on_message(SPICE_MSG_PLAYBACK_MODE, Bytes{0, 0, 0, 0, 2, 0}, {});
  ASSERT_FALSE(celt);
  EXPECT_EQ(celt.error().kind(), ErrorKind::unsupported);

  ClientLog raw_log;
  const auto raw_client = PlaybackClient::create(raw_log, false);
  EXPECT_FALSE(raw_client->on_message(SPICE_MSG_PLAYBACK_MODE, Bytes{0, 0, 0, 0, 3, 0}, {}));
}

TEST(PlaybackTest, VolumesOfManyChannels) {
  ClientLog log;
  const auto client = PlaybackClient::create(log);
  Bytes body(1 + 255 * 2, 0x11);
  body[0] = 255;
  ASSERT_TRUE(client->on_message(SPICE_MSG_PLAYBACK_VOLUME, body, {}));
  EXPECT_EQ(log.volume.channels, std::vector<std::uint16_t>(max_audio_channels, 0x1111));
  body.pop_back();
  EXPECT_FALSE(client->on_message(SPICE_MSG_PLAYBACK_VOLUME, body, {}));
  // None at all: QEMU's first word; what was known stays.
  ASSERT_TRUE(client->on_message(SPICE_MSG_PLAYBACK_VOLUME, Bytes{0}, {}));
  EXPECT_EQ(log.volume.channels.size(), max_audio_channels);
}

TEST(PlaybackTest, AMessageOf64MiBEndsTheConnectionBeforeItIsHeld) {
  ClientLog log;
  ServerLog server_log;
  ClientLinkParams params;
  params.max_server_message = max_audio_message;
  RecordingChannel::Log peer;
  Pair pair([&](const LinkRequest&) { return std::make_unique<RecordingChannel>(peer); },
            PlaybackClient::create(log), params, 4096);
  pair.pump();
  peer.channel->say(SPICE_MSG_PLAYBACK_DATA, Bytes(std::size_t{64} << 20));
  pair.pump();
  ASSERT_TRUE(pair.client_error);
  EXPECT_EQ(pair.client_error->kind(), ErrorKind::malformed);
}

TEST(PlaybackTest, TheServerTakesNoMessages) {
  ServerLog log;
  const auto server = PlaybackServer::create(log);
  EXPECT_FALSE(server->on_message(101, Bytes(8), {}));
}

}  // namespace
}  // namespace cassia::channels
