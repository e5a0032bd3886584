// SPDX-License-Identifier: Apache-2.0
// The playback channel of the real libspice-server: Xspice plays what is put into a pipe.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/file.h"
#include "channels/audio/audio_format.h"
#include "tests/interop/audio/sound.h"
#include "tests/support/paths.h"
#include "tests/support/programs.h"
#include "tests/support/x_server.h"

namespace cassia::test {
namespace {

using std::chrono::seconds;

/// Writes a sound into Xspice's pipe again and again, as fast as Xspice reads, until it goes.
class Player {
 public:
  Player(const std::filesystem::path& pipe, const Sound& sound) : bytes_(channels::wire_of(sound)) {
    thread_ = std::thread([this, pipe] { run(pipe); });
  }
  ~Player() {
    stop_ = true;
    thread_.join();
  }

 private:
  void run(const std::filesystem::path& pipe) {
    FileDescriptor out;
    while (!stop_ && !out) {  // until Xspice has opened its end
      out = FileDescriptor(::open(pipe.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
      if (!out) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    std::size_t at = 0;
    while (!stop_) {
      const ssize_t n = ::write(out.get(), bytes_.data() + at, bytes_.size() - at);
      if (n > 0) {
        at = (at + static_cast<std::size_t>(n)) % bytes_.size();
      } else {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      }
    }
  }

  const Bytes bytes_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

struct Case {
  const char* name;
  bool opus;     ///< the server compresses
  bool gateway;  ///< between server and client
  bool stock;    ///< the client is spice-gtk; else cassia-viewer
};

class XspiceSoundTest : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(folder_ / "pipes");
    auto x = XServer::start_xspice(
        640, 480,
        {"XSPICE_PLAYBACK_FIFO_DIR=" + (folder_ / "pipes").string(),
         std::string("XSPICE_PLAYBACK_COMPRESSION=") + (GetParam().opus ? "1" : "0")});
    ASSERT_TRUE(x) << x.error().message();
    x_ = std::move(*x);
    uri_ = x_->uri();
    if (!GetParam().gateway) return;
    auto gateway = Gateway::start(
        {"--upstream", uri_, "--playback-compression", GetParam().opus ? "on" : "off"});
    ASSERT_TRUE(gateway) << gateway.error().message();
    gateway_ = std::move(*gateway);
    uri_ = gateway_->uri();
  }

  Sound listen_with_viewer() {
    const auto done = run({program("cassia-viewer"), "--headless", "--log-level", "debug",
                           "--audio-file", folder_ / "out.wav", "--duration", "3", uri_},
                          {}, seconds(60));
    EXPECT_TRUE(done) << done.error().message();
    EXPECT_EQ(done->status, 0) << done->errors;
    const auto heard = read_wav(folder_ / "out.wav");
    EXPECT_TRUE(heard) << heard.error().message() << done->errors
                       << (gateway_ ? gateway_->process().errors() : "");
    return heard ? *heard : Sound();
  }
  Sound listen_with_stock_client() {
    ProcessOptions options;
    if (!GetParam().opus) options.environment.push_back("SPICE_DISABLE_OPUS=1");
    const auto done = run({program("spice_gtk_audio"), "--uri", uri_, "--play-out", folder_ / "out",
                           "--frames", "96000"},
                          std::move(options), seconds(60));
    EXPECT_TRUE(done) << done.error().message();
    EXPECT_EQ(done->status, 0) << done->output << done->errors;
    const auto heard = read_raw(folder_ / "out");
    EXPECT_TRUE(heard) << heard.error().message();
    return heard ? *heard : Sound();
  }

  TemporaryFolder folder_;
  std::unique_ptr<XServer> x_;
  std::unique_ptr<Gateway> gateway_;
  std::string uri_;
};

TEST_P(XspiceSoundTest, WhatIsPlayedIsHeard) {
  const Sound said = GetParam().opus ? rising(96000) : noise(96000);
  ASSERT_EQ(::mkfifo((folder_ / "pipes/sound").c_str(), 0600), 0);
  const Player player(folder_ / "pipes/sound", said);
  const Sound heard = GetParam().stock ? listen_with_stock_client() : listen_with_viewer();
  if (GetParam().opus) {
    EXPECT_GT(heard.size(), 96000u);
    EXPECT_GT(likeness(said, heard), 0.98);
    return;
  }
  Sound often;
  for (int i = 0; i < 6; ++i) often.insert(often.end(), said.begin(), said.end());
  const Match match = exact_match(often, heard);
  EXPECT_GT(match.frames, 48000u);
  EXPECT_GT(match.share, 0.95) << match.gaps << " gaps";
}

INSTANTIATE_TEST_SUITE_P(Ways, XspiceSoundTest,
                         testing::Values(Case{"raw", false, false, false},
                                         Case{"opus", true, false, false},
                                         Case{"raw_gateway", false, true, false},
                                         Case{"raw_gateway_stock", false, true, true},
                                         Case{"opus_gateway_stock", true, true, true}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace cassia::test
