// SPDX-License-Identifier: Apache-2.0
// Sound between the gateway's demo guest, the stock client and cassia-viewer.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "tests/interop/audio/sound.h"
#include "tests/support/paths.h"
#include "tests/support/programs.h"
#include "tests/support/x_server.h"

namespace cassia::test {
namespace {

using std::chrono::seconds;

/// The stock client until it has what it was asked for.
Result<Finished> stock(const std::string& uri, std::vector<std::string> arguments, bool opus) {
  std::vector<std::string> command = {program("spice_gtk_audio"), "--uri", uri};
  command.insert(command.end(), arguments.begin(), arguments.end());
  ProcessOptions options;
  if (!opus) options.environment.push_back("SPICE_DISABLE_OPUS=1");
  return run(std::move(command), std::move(options), seconds(60));
}

Result<Finished> viewer(const std::string& uri, std::vector<std::string> arguments) {
  std::vector<std::string> command = {program("cassia-viewer"), "--headless"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  command.push_back(uri);
  return run(std::move(command), {}, seconds(60));
}

class DemoSoundTest : public testing::Test {
 protected:
  void serve(const Sound& sound, std::vector<std::string> more = {}) {
    ASSERT_TRUE(write_wav(folder_ / "loop.wav", sound));
    more.insert(more.begin(), {"--demo", "--demo-audio", folder_ / "loop.wav"});
    auto started = Gateway::start(std::move(more));
    ASSERT_TRUE(started) << started.error().message();
    gateway_ = std::move(*started);
  }
  /// The guest plays `said` again and again, and who joins does so anywhere.
  static Sound often(const Sound& said) {
    Sound out;
    for (int i = 0; i < 5; ++i) out.insert(out.end(), said.begin(), said.end());
    return out;
  }

  TemporaryFolder folder_;
  std::unique_ptr<Gateway> gateway_;
};

TEST_F(DemoSoundTest, AStockClientWithoutOpusHearsEverySample) {
  const Sound said = noise(96000);
  serve(said);
  const auto client =
      stock(gateway_->uri(), {"--play-out", folder_ / "out", "--frames", "72000"}, false);
  ASSERT_TRUE(client) << client.error().message();
  ASSERT_EQ(client->status, 0) << client->output << client->errors;
  EXPECT_NE(client->output.find("playback-start 1 2 48000"), std::string::npos) << client->output;
  const auto heard = read_raw(folder_ / "out");
  ASSERT_TRUE(heard) << heard.error().message();
  const Match match = exact_match(often(said), *heard);
  EXPECT_GT(match.frames, 65000u);
  EXPECT_GT(match.share, 0.95) << match.gaps << " gaps";
}

TEST_F(DemoSoundTest, AStockClientWithOpusHearsTheSame) {
  const Sound said = rising(96000);
  serve(said);
  const auto client =
      stock(gateway_->uri(), {"--play-out", folder_ / "out", "--frames", "48000"}, true);
  ASSERT_TRUE(client) << client.error().message();
  ASSERT_EQ(client->status, 0) << client->output << client->errors;
  const auto heard = read_raw(folder_ / "out");
  ASSERT_TRUE(heard) << heard.error().message();
  EXPECT_GT(likeness(said, *heard), 0.98);
  EXPECT_LT(exact_match(said, *heard).frames, 4800u);  // it was Opus
}

TEST_F(DemoSoundTest, TheViewerWritesWhatItHears) {
  const Sound said = noise(96000);
  serve(said, {"--playback-compression", "off"});
  const auto client = viewer(gateway_->uri(), {"--audio-file", folder_ / "out.wav", "--duration",
                                               "3", "--stats", folder_ / "stats"});
  ASSERT_TRUE(client) << client.error().message();
  ASSERT_EQ(client->status, 0) << client->errors;
  const auto heard = read_wav(folder_ / "out.wav");
  ASSERT_TRUE(heard) << heard.error().message();
  const Match match = exact_match(often(said), *heard);
  EXPECT_GT(match.frames, 36000u);
  EXPECT_GT(match.share, 0.95) << match.gaps << " gaps";
  const auto stats = nlohmann::json::parse(as_text(*read_file(folder_ / "stats")));
  EXPECT_EQ(stats["playback"]["codec"], "raw");
  EXPECT_GT(stats["playback"]["packets"], 100);
  EXPECT_EQ(stats["playback"]["broken_packets"], 0);
}

TEST_F(DemoSoundTest, TheMicrophoneOfAStockClientReachesTheGuest) {
  for (const bool opus : {false, true}) {
    const Sound said = opus ? rising(48000) : noise(48000);
    ASSERT_TRUE(write_raw(folder_ / "said", said));
    serve(Sound(960, 1), {"--demo-record", folder_ / "heard.wav"});
    const auto client = stock(gateway_->uri(), {"--record-in", folder_ / "said"}, opus);
    ASSERT_TRUE(client) << client.error().message();
    ASSERT_EQ(client->status, 0) << client->output << client->errors;
    EXPECT_NE(client->output.find("record-start 1 2 48000"), std::string::npos) << client->output;
    gateway_->process().stop();
    const auto heard = read_wav(folder_ / "heard.wav");
    ASSERT_TRUE(heard) << heard.error().message();
    if (opus) {
      EXPECT_GT(likeness(said, *heard), 0.98);
    } else {
      EXPECT_GT(exact_match(said, *heard).frames, 47000u);
      EXPECT_EQ(exact_match(said, *heard).gaps, 0u);
    }
  }
}

TEST_F(DemoSoundTest, TheMicrophoneOfTheViewerReachesTheGuest) {
  const Sound said = rising(48000);
  ASSERT_TRUE(write_wav(folder_ / "said.wav", said));
  serve(Sound(960, 1), {"--demo-record", folder_ / "heard.wav"});
  const auto client = viewer(gateway_->uri(), {"--record-file", folder_ / "said.wav", "--duration",
                                               "3", "--stats", folder_ / "stats"});
  ASSERT_TRUE(client) << client.error().message();
  ASSERT_EQ(client->status, 0) << client->errors;
  gateway_->process().stop();
  const auto heard = read_wav(folder_ / "heard.wav");
  ASSERT_TRUE(heard) << heard.error().message();
  EXPECT_GT(heard->size(), said.size());
  EXPECT_GT(likeness(said, *heard), 0.98);
  const auto stats = nlohmann::json::parse(as_text(*read_file(folder_ / "stats")));
  EXPECT_EQ(stats["record"]["codec"], "opus");
}

TEST_F(DemoSoundTest, AViewerThatWasThereBeforeTheGuestHearsIt) {
  const Sound said = noise(96000);
  ASSERT_TRUE(write_wav(folder_ / "loop.wav", said));
  const std::string socket = folder_ / "guest.sock";
  auto relay =
      Gateway::start({"--upstream", "spice+unix://" + socket, "--playback-compression", "off"});
  ASSERT_TRUE(relay) << relay.error().message();
  auto early = Process::start({program("cassia-viewer"), "--headless", "--audio-file",
                               folder_ / "out.wav", "--duration", "12", (*relay)->uri()});
  ASSERT_TRUE(early) << early.error().message();
  ASSERT_TRUE((*relay)->process().wait_for_text("viewer connected"));
  auto guest = Process::start({program("cassia-gateway"), "--demo", "--listen", "unix:" + socket,
                               "--demo-audio", folder_ / "loop.wav", "--playback-compression",
                               "off", "--print-ready"});
  ASSERT_TRUE(guest) << guest.error().message();
  const auto ended = early->wait(seconds(60));
  ASSERT_TRUE(ended) << ended.error().message();
  EXPECT_EQ(*ended, 0) << early->errors();
  const auto heard = read_wav(folder_ / "out.wav");
  ASSERT_TRUE(heard) << heard.error().message();
  EXPECT_GT(exact_match(often(said), *heard).frames, 48000u);
}

/// SDL's driver "disk" stands for the sound card: what is played goes to a file as fast as a card
/// would take it, what is recorded comes from one.
TEST_F(DemoSoundTest, TheWindowPlaysAndRecordsThroughSdl) {
  const Sound said = rising(96000);
  ASSERT_TRUE(write_raw(folder_ / "microphone", said));
  serve(said, {"--demo-record", folder_ / "heard.wav"});
  const auto x = XServer::start_xvfb();
  ASSERT_TRUE(x) << x.error().message();
  ProcessOptions options;
  options.environment = {(*x)->environment(), "SDL_AUDIODRIVER=disk",
                         "SDL_DISKAUDIOFILE=" + (folder_ / "played").string(),
                         "SDL_DISKAUDIOFILEIN=" + (folder_ / "microphone").string()};
  const auto window = run({program("cassia-viewer"), "--renderer", "cairo", "--duration", "4",
                           "--stats", folder_ / "stats", gateway_->uri()},
                          std::move(options), seconds(60));
  ASSERT_TRUE(window) << window.error().message();
  ASSERT_EQ(window->status, 0) << window->errors;
  gateway_->process().stop();
  const auto played = read_raw(folder_ / "played");
  ASSERT_TRUE(played) << played.error().message();
  EXPECT_GT(played->size(), 96000u);
  EXPECT_GT(likeness(said, *played), 0.98);
  const auto heard = read_wav(folder_ / "heard.wav");
  ASSERT_TRUE(heard) << heard.error().message();
  EXPECT_GT(likeness(said, *heard), 0.98);
  const auto stats = nlohmann::json::parse(as_text(*read_file(folder_ / "stats")));
  EXPECT_GT(stats["playback"]["frames_played"], 48000);
  EXPECT_GE(stats["playback"]["target_ms"], 60);
  EXPECT_LE(stats["playback"]["latency_ms"], 1100);
}

TEST_F(DemoSoundTest, AWindowWithoutASoundCardGoesOn) {
  serve(noise(48000));
  const auto x = XServer::start_xvfb();
  ASSERT_TRUE(x) << x.error().message();
  ProcessOptions options;
  options.environment = {(*x)->environment(), "SDL_AUDIODRIVER=none-such"};
  const auto window = run({program("cassia-viewer"), "--renderer", "cairo", "--duration", "2",
                           "--stats", folder_ / "stats", gateway_->uri()},
                          std::move(options), seconds(60));
  ASSERT_TRUE(window) << window.error().message();
  EXPECT_EQ(window->status, 0) << window->errors;
  EXPECT_NE(window->errors.find("no sound"), std::string::npos) << window->errors;
  const auto stats = nlohmann::json::parse(as_text(*read_file(folder_ / "stats")));
  EXPECT_GT(stats["playback"]["packets"], 0);
  EXPECT_EQ(stats["playback"]["frames_played"], 0);
}

TEST_F(DemoSoundTest, SilenceByOption) {
  serve(noise(48000));
  const auto client =
      viewer(gateway_->uri(), {"--no-audio", "--duration", "1.5", "--stats", folder_ / "stats"});
  ASSERT_TRUE(client) << client.error().message();
  ASSERT_EQ(client->status, 0) << client->errors;
  const auto stats = nlohmann::json::parse(as_text(*read_file(folder_ / "stats")));
  EXPECT_FALSE(stats.contains("playback"));
  EXPECT_FALSE(stats["channels"].contains("playback:0"));
}

TEST_F(DemoSoundTest, TheTerminalSetsVolumeAndMute) {
  serve(Sound(960, 1));
  const auto listener = Process::start(
      {program("spice_gtk_audio"), "--uri", gateway_->uri(), "--frames", "100000000"});
  ASSERT_TRUE(listener);
  const auto typed = viewer(gateway_->uri(), {"--type", "volume 50\nmute\n", "--settle", "500"});
  ASSERT_TRUE(typed) << typed.error().message();
  ASSERT_EQ(typed->status, 0) << typed->errors;
  EXPECT_TRUE(wait_until([&] {
    const std::string said = listener->output();
    return said.find("volume 32767 32767") != std::string::npos &&
           said.find("mute 1") != std::string::npos;
  })) << listener->output();
  // And a later joiner is told.
  const auto later = stock(gateway_->uri(), {"--frames", "4800"}, true);
  ASSERT_TRUE(later) << later.error().message();
  EXPECT_NE(later->output.find("volume 32767 32767\nmute 1"), std::string::npos) << later->output;
}

TEST_F(DemoSoundTest, TheGuestsAgentHearsTheViewersOwnVolumes) {
  serve(Sound(960, 1), {"--log-level", "debug"});
  ASSERT_TRUE(write_wav(folder_ / "said.wav", Sound(960, 1)));
  const auto client =
      Process::start({program("cassia-viewer"), "--headless", "--audio-file", folder_ / "out.wav",
                      "--record-file", folder_ / "said.wav", "--volume", "50", "--mic-volume",
                      "mute", "--duration", "60", gateway_->uri()});
  ASSERT_TRUE(client) << client.error().message();
  for (const char* heard :
       {"sets the volume: playback 50%", "sets the volume: record 100%, muted"}) {
    const auto text = gateway_->process().wait_for_text(heard);
    EXPECT_TRUE(text) << text.error().message() << client->errors();
  }
}

}  // namespace
}  // namespace cassia::test
