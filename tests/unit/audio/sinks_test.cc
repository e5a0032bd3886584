// SPDX-License-Identifier: Apache-2.0
// Sinks and sources: WAV files, and devices that come and go.

#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>

#include "base/file.h"
#include "client/audio/audio_feeds.h"
#include "protocol/spice/playback_messages.h"
#include "tests/unit/channels/audio_tools.h"
#include "tests/unit/channels/harness.h"

namespace cassia::client {
namespace {

using namespace std::chrono_literals;
using channels::AudioMode;
using channels::Samples;

constexpr channels::AudioFormat stereo{2, 48000};

/// A loudspeaker that the test drives.
class FakeDevices final : public AudioDevices {
 public:
  struct Stream final : AudioStream {
    Stream(FakeDevices& o, FillSamples f) : owner(o), fill(std::move(f)) { owner.open = this; }
    ~Stream() override { owner.open = nullptr; }
    bool lost() const override { return owner.unplugged; }
    FakeDevices& owner;
    FillSamples fill;
  };
  Result<std::unique_ptr<AudioStream>> open_output(const channels::AudioFormat&,
                                                   FillSamples fill) override {
    ++attempts;
    if (broken) return fail(ErrorKind::io, "no such device");
    unplugged = false;
    return std::unique_ptr<AudioStream>(std::make_unique<Stream>(*this, std::move(fill)));
  }
  Result<std::unique_ptr<AudioStream>> open_input(const channels::AudioFormat&,
                                                  TakeSamples) override {
    return fail(ErrorKind::io, "no microphone");
  }
  Samples take(std::size_t frames) {
    Samples out(2 * frames, -1);
    open->fill(out);
    return out;
  }
  Stream* open = nullptr;
  bool broken = false;
  bool unplugged = false;
  int attempts = 0;
};

struct DeviceSinkTest : testing::Test {
  void play(int packets, std::int16_t value) {
    for (int i = 0; i < packets; ++i) {
      sink->play(time, Samples(960, value));
      time += 10;
      clock->advance(10ms);
    }
  }
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  std::shared_ptr<FakeDevices> devices = std::make_shared<FakeDevices>();
  std::unique_ptr<AudioSink> sink = make_device_sink(devices, clock);
  std::uint32_t time = 5;
};

TEST_F(DeviceSinkTest, PlaysWithVolumeAndMute) {
  clock->advance(10s);
  sink->start(stereo);
  play(10, 8000);
  ASSERT_NE(devices->open, nullptr);
  EXPECT_EQ(devices->take(480), Samples(960, 8000));
  sink->set_volume({{32768, 65535}, false});
  const Samples softer = devices->take(480);
  EXPECT_NEAR(softer[0], 1000, 2);  // half the volume: an eighth
  EXPECT_EQ(softer[1], 8000);
  sink->set_volume({{65535, 65535}, true});
  EXPECT_EQ(devices->take(480), Samples(960, 0));
  EXPECT_EQ(sink->statistics().packets, 10u);
  EXPECT_EQ(sink->statistics().frames_played, 1440u);
}

TEST_F(DeviceSinkTest, ADeviceThatGoesIsReplaced) {
  clock->advance(10s);
  sink->start(stereo);
  play(10, 100);
  ASSERT_EQ(devices->attempts, 1);
  devices->unplugged = true;
  devices->broken = true;  // and no other is there yet
  play(100, 100);
  EXPECT_EQ(devices->open, nullptr);
  devices->broken = false;
  play(400, 200);
  ASSERT_NE(devices->open, nullptr);
  EXPECT_EQ(devices->take(480), Samples(960, 200));
  EXPECT_LT(devices->attempts, 6);
}

TEST_F(DeviceSinkTest, WithoutADeviceSoundIsDroppedAndTheSessionGoesOn) {
  clock->advance(10s);
  devices->broken = true;
  sink->start(stereo);
  play(1000, 1);
  sink->stop();
  EXPECT_EQ(sink->statistics().packets, 1000u);
  EXPECT_EQ(sink->statistics().frames_played, 0u);
}

struct WavTest : testing::Test {
  void TearDown() override { std::filesystem::remove(path); }
  channels::Wav written() {
    const auto bytes = read_file(path);
    EXPECT_TRUE(bytes);
    auto wav = channels::parse_wav(*bytes);
    EXPECT_TRUE(wav) << wav.error().message();
    return std::move(*wav);
  }
  const std::string path = (std::filesystem::path(testing::TempDir()) / "cassia-sink.wav").string();
};

TEST_F(WavTest, TheSinkWritesEverySample) {
  const Samples sound = test::sweep(10000);
  {
    auto sink = *make_wav_sink(path);
    sink->start(stereo);
    for (std::size_t at = 0; at < sound.size(); at += 500) {
      sink->play(0, Samples(sound.begin() + static_cast<long>(at),
                            sound.begin() + static_cast<long>(at + 500)));
    }
    sink->stop();
    sink->set_volume({{65535, 65535}, true});
    sink->start({1, 24000});
    sink->play(0, Samples(240, 7));
  }
  const channels::Wav wav = written();
  EXPECT_EQ(wav.format, stereo);
  ASSERT_EQ(wav.samples.size(), sound.size() + 960);
  EXPECT_TRUE(std::equal(sound.begin(), sound.end(), wav.samples.begin()));
  EXPECT_EQ(wav.samples.back(), 0);  // muted
}

TEST_F(WavTest, AFileThatCannotBeMade) {
  const auto sink = make_wav_sink("/no/such/folder/x.wav");
  ASSERT_FALSE(sink);
  EXPECT_EQ(sink.error().kind(), ErrorKind::not_found);
}

TEST(WavSourceTest, SaysTheFileEachTimeAndThenSilence) {
  const Samples said = test::sweep(1000);
  const auto source = make_wav_source({stereo, said});
  for (int round = 0; round < 2; ++round) {
    std::mutex mutex;
    std::condition_variable more;
    Samples heard;
    ASSERT_TRUE(source->start(stereo, [&](std::span<const std::int16_t> samples) {
      const std::lock_guard lock(mutex);
      heard.insert(heard.end(), samples.begin(), samples.end());
      more.notify_one();
    }));
    std::unique_lock lock(mutex);
    more.wait(lock, [&] { return heard.size() > said.size() + 960; });
    lock.unlock();
    source->stop();
    EXPECT_TRUE(std::equal(said.begin(), said.end(), heard.begin()));
    EXPECT_EQ(heard.back(), 0);
  }
}

/// A sink that remembers.
struct Sink final : AudioSink {
  void start(const channels::AudioFormat& f) override { formats.push_back(f); }
  void play(std::uint32_t, Samples s) override { heard.insert(heard.end(), s.begin(), s.end()); }
  void stop() override { ++stops; }
  void set_volume(const channels::AudioVolume&) override {}
  PlaybackStatistics statistics() const override { return {}; }
  std::vector<channels::AudioFormat> formats;
  Samples heard;
  int stops = 0;
};

TEST(PlaybackFeedTest, BrokenPacketsAreConcealedAndCounted) {
  Sink sink;
  PlaybackFeed feed(sink);
  feed.playback_start(stereo, AudioMode::opus, 0);
  const Samples sound = test::sweep(4800);
  const auto packets =
      *(*channels::AudioEncoder::create(AudioMode::opus, stereo))->encode(sound, 0);
  for (const auto& packet : packets) {
    feed.playback_data(packet.time, packet.data.view());
    feed.playback_data(packet.time, Bytes{0xff, 0xff, 0xff, 0xff});
  }
  feed.playback_stop();
  EXPECT_EQ(sink.heard.size(), 2 * sound.size());
  EXPECT_EQ(feed.statistics().broken_packets, packets.size());
  EXPECT_EQ(feed.statistics().codec, "opus");
  EXPECT_EQ(sink.stops, 1);
}

TEST(PlaybackFeedTest, AStreamThatCannotBeDecodedIsSilent) {
  Sink sink;
  PlaybackFeed feed(sink);
  feed.playback_start({2, 44100}, AudioMode::opus, 0);
  feed.playback_data(0, Bytes(10));
  feed.playback_stop();
  EXPECT_TRUE(sink.formats.empty());
  EXPECT_TRUE(sink.heard.empty());
}

/// A microphone that the test speaks into.
struct Source final : AudioSource {
  Result<void> start(const channels::AudioFormat&, TakeSamples t) override {
    if (broken) return fail(ErrorKind::io, "no microphone");
    take = std::move(t);
    return {};
  }
  void stop() override { take = nullptr; }
  TakeSamples take;
  bool broken = false;
};

struct RecordLog final : channels::RecordServerEvents {
  void record_opened() override {}
  void record_data(AudioMode m, std::uint32_t, ByteView data) override {
    mode = m;
    const auto part = (m == AudioMode::opus ? opus : raw)->decode(data);
    ASSERT_TRUE(part);
    heard.insert(heard.end(), part->begin(), part->end());
  }
  void record_closed(const Error&) override {}
  AudioMode mode = AudioMode::raw;
  std::unique_ptr<channels::AudioDecoder> opus =
      *channels::AudioDecoder::create(AudioMode::opus, stereo);
  std::unique_ptr<channels::AudioDecoder> raw =
      *channels::AudioDecoder::create(AudioMode::raw, stereo);
  Samples heard;
};

struct RecordFeedTest : testing::Test {
  void open(bool opus) {
    pair.emplace(
        [this](const channels::LinkRequest&) {
          auto made = channels::RecordServer::create(log);
          server = made.get();
          return made;
        },
        feed->make_channel());
    if (opus) pair->policy.caps = {2};  // SPICE_RECORD_CAP_OPUS
    pair->pump();
    server->start(stereo);
    pair->pump();
  }
  void speak(const Samples& sound) {
    for (std::size_t at = 0; at < sound.size(); at += 1000) {
      source.take({sound.data() + at, std::min<std::size_t>(1000, sound.size() - at)});
      pair->pump();
    }
  }
  ManualClock clock;
  Source source;
  RecordLog log;
  channels::RecordServer* server = nullptr;
  std::shared_ptr<RecordFeed> feed =
      std::make_shared<RecordFeed>(source, clock, [](const std::function<void()>& run) { run(); });
  std::optional<channels::Pair> pair;
};

TEST_F(RecordFeedTest, RawArrivesBitExact) {
  open(false);
  const Samples sound = test::sweep(4800);
  speak(sound);
  EXPECT_EQ(log.mode, AudioMode::raw);
  EXPECT_EQ(log.heard, sound);
  EXPECT_EQ(feed->statistics().codec, "raw");
  EXPECT_EQ(feed->statistics().packets_sent, 10u);
}

TEST_F(RecordFeedTest, OpusArrivesAlike) {
  open(true);
  const Samples sound = test::sweep(24000);
  speak(sound);
  EXPECT_EQ(log.mode, AudioMode::opus);
  EXPECT_GT(test::align(sound, log.heard, 2000).correlation, 0.98);
}

TEST_F(RecordFeedTest, TheMicrophoneIsOnOnlyWhileTheGuestListens) {
  open(false);
  EXPECT_TRUE(source.take);
  server->stop();
  pair->pump();
  EXPECT_FALSE(source.take);
  server->start(stereo);
  pair->pump();
  EXPECT_TRUE(source.take);
  feed->end();
  EXPECT_FALSE(source.take);
}

TEST_F(RecordFeedTest, WithoutAMicrophoneTheSessionGoesOn) {
  source.broken = true;
  open(false);
  EXPECT_FALSE(pair->client_error);
  EXPECT_TRUE(pair->client->open());
}

}  // namespace
}  // namespace cassia::client
