// SPDX-License-Identifier: Apache-2.0
// The gateway's sound: one guest, several viewers, each joined in memory.

#include <gtest/gtest.h>
#include <spice/protocol.h>

#include "channels/audio/wav.h"
#include "server/gateway/audio_hub.h"
#include "tests/unit/channels/audio_tools.h"
#include "tests/unit/channels/harness.h"

namespace cassia::server {
namespace {

using channels::AudioDecoder;
using channels::AudioEncoder;
using channels::AudioFormat;
using channels::AudioMode;
using channels::AudioVolume;
using channels::Samples;

constexpr AudioFormat stereo{2, 48000};

/// A viewer that listens: what it was told, in order, and the packets as they came.
class Listener final : public channels::PlaybackClientEvents {
 public:
  Listener(PlaybackHub& hub, bool opus)
      : viewer_(hub),
        pair_([this](const channels::LinkRequest&) { return viewer_.make_channel(); },
              channels::PlaybackClient::create(*this, opus), {}, 4096) {
    pair_.pump();
  }
  void pump() { pair_.pump(); }
  void leave() { pair_.server->closed({ErrorKind::closed, "bye"}); }

  void playback_start(const AudioFormat& format, AudioMode mode, std::uint32_t time) override {
    said_.push_back(fmt::format("start {} {}", channels::to_string(mode), time));
    decoder_ = *AudioDecoder::create(mode, format);
  }
  void playback_data(std::uint32_t, ByteView data) override {
    packets_.push_back(to_bytes(data));
    const auto samples = decoder_->decode(data);
    ASSERT_TRUE(samples);
    heard_.insert(heard_.end(), samples->begin(), samples->end());
  }
  void playback_stop() override { said_.emplace_back("stop"); }
  void playback_volume(const AudioVolume& volume) override { volume_ = volume; }
  void playback_latency(std::uint32_t ms) override { latency_ = ms; }
  void playback_closed(const Error&) override {}

  std::vector<std::string> said_;
  std::vector<Bytes> packets_;
  Samples heard_;
  AudioVolume volume_;
  std::uint32_t latency_ = 0;

 private:
  PlaybackViewer viewer_;
  std::unique_ptr<AudioDecoder> decoder_;
  channels::Pair pair_;
};

std::vector<AudioEncoder::Packet> coded(AudioMode mode, std::span<const std::int16_t> sound) {
  return *(*AudioEncoder::create(mode, stereo))->encode(sound, 100);
}

void play(PlaybackHub& hub, const std::vector<AudioEncoder::Packet>& packets,
          std::initializer_list<Listener*> listeners) {
  for (const auto& packet : packets) {
    hub.data(packet.time, packet.data);
    for (Listener* listener : listeners) listener->pump();
  }
}

std::vector<Bytes> bytes_of(const std::vector<AudioEncoder::Packet>& packets) {
  std::vector<Bytes> out;
  for (const auto& packet : packets) out.push_back(to_bytes(packet.data.view()));
  return out;
}

TEST(PlaybackHubTest, OpusPassesUntouchedAndIsDecodedForTheOthers) {
  PlaybackHub hub;
  Listener modern(hub, true), other_modern(hub, true), old(hub, false);
  const Samples sound = test::sweep(24000);
  const auto packets = coded(AudioMode::opus, sound);
  hub.start(stereo, AudioMode::opus, 100);
  play(hub, packets, {&modern, &other_modern, &old});
  EXPECT_EQ(modern.packets_, bytes_of(packets));
  EXPECT_EQ(other_modern.packets_, bytes_of(packets));
  EXPECT_EQ(old.said_, std::vector<std::string>{"start raw 100"});
  ASSERT_EQ(old.heard_.size(), sound.size());
  EXPECT_GT(test::align(sound, old.heard_, 2000).correlation, 0.98);
}

TEST(PlaybackHubTest, RawPassesUntouchedAndIsEncodedOnceForTheOthers) {
  PlaybackHub hub;
  Listener modern(hub, true), other_modern(hub, true), old(hub, false);
  const Samples sound = test::sweep(24000);
  const auto packets = coded(AudioMode::raw, sound);
  hub.start(stereo, AudioMode::raw, 100);
  play(hub, packets, {&modern, &other_modern, &old});
  EXPECT_EQ(old.packets_, bytes_of(packets));
  EXPECT_EQ(old.heard_, sound);
  EXPECT_EQ(modern.said_, std::vector<std::string>{"start opus 100"});
  EXPECT_EQ(modern.packets_, other_modern.packets_);  // the same stream, not two
  EXPECT_GT(test::align(sound, modern.heard_, 2000).correlation, 0.98);
}

TEST(PlaybackHubTest, WithoutCompressionRawGoesToAll) {
  PlaybackHub hub;
  hub.set_compression(false);
  Listener modern(hub, true);
  const auto packets = coded(AudioMode::raw, test::sweep(4800));
  hub.start(stereo, AudioMode::raw, 0);
  play(hub, packets, {&modern});
  EXPECT_EQ(modern.packets_, bytes_of(packets));
}

TEST(PlaybackHubTest, ARateThatOpusDoesNotHaveStaysRaw) {
  PlaybackHub hub;
  Listener modern(hub, true);
  hub.start({2, 44100}, AudioMode::raw, 0);
  hub.data(1, SharedBytes(Bytes(1764)));
  modern.pump();
  EXPECT_EQ(modern.said_, std::vector<std::string>{"start raw 0"});
  EXPECT_EQ(modern.packets_.size(), 1u);
}

TEST(PlaybackHubTest, ALaterJoinerIsToldWhatTheOthersKnow) {
  PlaybackHub hub;
  hub.volume({{30000, 40000}, true});
  hub.latency(120);
  hub.start(stereo, AudioMode::raw, 100);
  const auto packets = coded(AudioMode::raw, test::sweep(4800));
  play(hub, packets, {});
  Listener late(hub, false);
  EXPECT_EQ(late.volume_, (AudioVolume{{30000, 40000}, true}));
  EXPECT_EQ(late.latency_, 120u);
  // Its stream starts at the newest time, so that no packet is older than the start.
  EXPECT_EQ(late.said_, std::vector<std::string>{"start raw 190"});
  hub.stop();
  late.pump();
  EXPECT_EQ(late.said_.back(), "stop");
  Listener later(hub, false);
  EXPECT_TRUE(later.said_.empty());
}

TEST(PlaybackHubTest, AViewerThatLeavesIsForgotten) {
  PlaybackHub hub;
  Listener one(hub, true), two(hub, true);
  hub.start(stereo, AudioMode::raw, 0);
  one.leave();
  play(hub, coded(AudioMode::raw, test::sweep(4800)), {&two});
  EXPECT_TRUE(one.packets_.empty());
  EXPECT_EQ(two.packets_.size(), 10u);
}

TEST(PlaybackHubTest, BrokenPacketsOfTheGuestDoNotStopTheOthersSound) {
  PlaybackHub hub;
  Listener old(hub, false);
  hub.start(stereo, AudioMode::opus, 0);
  const auto packets = coded(AudioMode::opus, test::sweep(4800));
  play(hub, packets, {&old});
  hub.data(200, SharedBytes(Bytes{0xff, 0xff, 0xff, 0xff}));
  play(hub, packets, {&old});
  EXPECT_EQ(old.heard_.size(), 2 * 9600u + 960u);
}

/// A viewer with a microphone.
class Speaker final : public channels::RecordClientEvents {
 public:
  Speaker(RecordHub& hub, const std::string& name, bool may_record = true)
      : viewer_(hub, name, may_record) {
    auto channel = channels::RecordClient::create(*this);
    channel_ = channel.get();
    pair_.emplace([this](const channels::LinkRequest&) { return viewer_.make_channel(); },
                  std::move(channel), channels::ClientLinkParams{}, 4096);
    pair_->policy.caps = {SPICE_RECORD_CAP_OPUS, SPICE_RECORD_CAP_VOLUME};
    pair_->pump();
  }
  void pump() { pair_->pump(); }
  void leave() { pair_->server->closed({ErrorKind::closed, "bye"}); }
  bool say(std::uint8_t what, AudioMode mode = AudioMode::raw) {
    pump();
    const bool sent = channel_->send_data(mode, 7, SharedBytes(Bytes(4, what)));
    pump();
    return sent;
  }

  void record_start(const AudioFormat&) override { recording_ = true; }
  void record_stop() override { recording_ = false; }
  void record_volume(const AudioVolume& volume) override { volume_ = volume; }
  void record_closed(const Error&) override {}

  bool recording_ = false;
  AudioVolume volume_;
  RecordViewer viewer_;

 private:
  channels::RecordClient* channel_ = nullptr;
  std::optional<channels::Pair> pair_;
};

struct RecordHubTest : testing::Test {
  std::string heard;
  RecordHub hub{[this](AudioMode mode, std::uint32_t, ByteView packet) {
    heard += static_cast<char>(packet[0]);
    heard += mode == AudioMode::opus ? 'o' : 'r';
  }};
};

TEST_F(RecordHubTest, TheLastViewerIsHeardAndThenTheOneBefore) {
  Speaker a(hub, "a");
  hub.start(stereo);
  a.pump();
  EXPECT_TRUE(a.recording_);
  EXPECT_TRUE(a.say('a'));
  {
    Speaker b(hub, "b");
    a.pump();
    EXPECT_TRUE(b.recording_);
    EXPECT_FALSE(a.recording_);  // its microphone is off
    EXPECT_FALSE(a.say('x'));
    EXPECT_TRUE(b.say('b', AudioMode::opus));
    b.leave();
  }
  EXPECT_TRUE(a.say('c'));
  hub.stop();
  a.pump();
  EXPECT_FALSE(a.say('x'));
  EXPECT_EQ(heard, "arbocr");
}

TEST_F(RecordHubTest, AViewerThatMayOnlyLookIsNeverHeard) {
  Speaker a(hub, "a");
  Speaker watcher(hub, "w", false);
  hub.start(stereo);
  watcher.pump();
  EXPECT_FALSE(watcher.recording_);
  EXPECT_FALSE(watcher.say('w'));
  EXPECT_TRUE(a.say('a'));
  a.leave();
  EXPECT_EQ(hub.owner(), nullptr);
  watcher.pump();
  EXPECT_FALSE(watcher.recording_);
  EXPECT_EQ(heard, "ar");
}

TEST_F(RecordHubTest, VolumeGoesToLaterJoinersToo) {
  hub.volume({{5, 6}, true});
  Speaker a(hub, "a");
  EXPECT_EQ(a.volume_, (AudioVolume{{5, 6}, true}));
  hub.volume({{7, 8}, false});
  a.pump();
  EXPECT_EQ(a.volume_, (AudioVolume{{7, 8}, false}));
}

}  // namespace
}  // namespace cassia::server
