// SPDX-License-Identifier: Apache-2.0
#include "server/guest/demo_audio.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>

#include "base/file.h"
#include "channels/audio/wav.h"
#include "tests/unit/channels/audio_tools.h"

namespace cassia::server {
namespace {

using channels::AudioMode;
using channels::AudioVolume;
using channels::Samples;

struct Log final : GuestAudioEvents {
  void guest_can_play() override {}
  void guest_can_record() override {}
  void guest_playback_start(const channels::AudioFormat&, AudioMode, std::uint32_t) override {
    ++starts;
  }
  void guest_playback_data(std::uint32_t, SharedBytes packet) override {
    const Samples part = channels::samples_of(packet.view());
    heard.insert(heard.end(), part.begin(), part.end());
    if (heard.size() >= enough && on_enough) on_enough();
  }
  void guest_playback_stop() override {
    ++stops;
    if (on_stop) on_stop();
  }
  void guest_playback_volume(const AudioVolume& v) override { volume = v; }
  void guest_playback_latency(std::uint32_t) override {}
  void guest_record_start(const channels::AudioFormat&) override { recording = true; }
  void guest_record_stop() override { recording = false; }
  void guest_record_volume(const AudioVolume&) override {}

  int starts = 0, stops = 0;
  Samples heard;
  std::size_t enough = SIZE_MAX;
  std::function<void()> on_enough, on_stop;
  AudioVolume volume;
  bool recording = false;
};

struct DemoAudioTest : testing::Test {
  std::shared_ptr<DemoAudio> make(DemoAudioOptions options = {}) {
    auto audio = std::make_shared<DemoAudio>(io.get_executor(), std::move(options));
    audio->start(log);
    return audio;
  }
  boost::asio::io_context io;
  Log log;
};

TEST_F(DemoAudioTest, PlaysTheMelodyOnceAndWhole) {
  const auto audio = make();
  EXPECT_FALSE(audio->command("play").empty());
  log.on_stop = [&] { audio->stop(); };
  io.run();
  EXPECT_EQ(log.starts, 1);
  EXPECT_EQ(log.stops, 1);
  EXPECT_EQ(log.heard, demo_melody());
}

TEST_F(DemoAudioTest, PlaysItsLoopAgainAndAgain) {
  const Samples loop = test::sweep(700);  // not a whole number of packets
  const auto audio = make({loop, {}});
  log.enough = 4 * loop.size();
  log.on_enough = [&] { audio->stop(); };
  io.run();
  ASSERT_GE(log.heard.size(), 4 * loop.size());
  for (std::size_t i = 0; i < log.heard.size(); ++i) {
    ASSERT_EQ(log.heard[i], loop[i % loop.size()]) << i;
  }
}

TEST_F(DemoAudioTest, ShowsAndKeepsWhatItHears) {
  const auto file = std::filesystem::path(testing::TempDir()) / "cassia-demo-audio.wav";
  const auto audio = make({{}, file.string()});
  int level = -1;
  audio->set_level_meter([&](int l) { level = l; });
  EXPECT_TRUE(log.recording);
  const Samples sound(9600, 16384);
  audio->record_data(AudioMode::raw, channels::wire_of(sound));
  EXPECT_EQ(level, 50);
  audio->record_data(AudioMode::opus, Bytes{0xff, 0xff, 0xff, 0xff});  // broken: concealed
  audio->stop();
  const auto kept = read_file(file);
  ASSERT_TRUE(kept) << kept.error().message();
  std::filesystem::remove(file);
  const auto wav = channels::parse_wav(*kept);
  ASSERT_TRUE(wav);
  ASSERT_EQ(wav->samples.size(), sound.size() + 960);
  EXPECT_TRUE(std::equal(sound.begin(), sound.end(), wav->samples.begin()));
}

TEST_F(DemoAudioTest, Commands) {
  const auto audio = make();
  EXPECT_TRUE(audio->command("sing").empty());
  EXPECT_FALSE(audio->command("volume 50").empty());
  EXPECT_EQ(log.volume, (AudioVolume{{32767, 32767}, false}));
  EXPECT_FALSE(audio->command("mute").empty());
  EXPECT_TRUE(log.volume.mute);
  for (const char* bad : {"volume 101", "volume -1", "volume x", "volume 5x"}) {
    EXPECT_NE(audio->command(bad).find("0 to 100"), std::string::npos) << bad;
  }
  EXPECT_FALSE(audio->command("mic").empty());
  EXPECT_TRUE(log.recording);
  EXPECT_FALSE(audio->command("mic").empty());
  EXPECT_FALSE(log.recording);
}

}  // namespace
}  // namespace cassia::server
