// SPDX-License-Identifier: Apache-2.0
// The sound channels of a real QEMU: what its sound card plays is heard, what is said reaches its
// memory; by cassia-viewer straight, and through the gateway.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "tests/interop/audio/ac97_machine.h"
#include "tests/support/paths.h"
#include "tests/support/programs.h"

namespace cassia::test {
namespace {

using std::chrono::seconds;

class QemuSoundTest : public testing::Test {
 protected:
  void boot(const Sound& sound, bool opus) {
    auto machine = Ac97Machine::start(sound, opus);
    ASSERT_TRUE(machine) << machine.error().message();
    machine_ = std::move(*machine);
  }
  void boot_on_dbus(const Sound& sound) {
    auto machine = Ac97Machine::start_on_dbus(sound);
    ASSERT_TRUE(machine) << machine.error().message();
    machine_ = std::move(*machine);
    put_gateway_between("dbus+unix://" + machine_->gateway_qmp(), "off");
  }
  void put_gateway_between() { put_gateway_between(machine_->uri()); }
  void put_gateway_between(const std::string& upstream, const std::string& compression = "on") {
    auto gateway = Gateway::start({"--upstream", upstream, "--playback-compression", compression});
    ASSERT_TRUE(gateway) << gateway.error().message();
    gateway_ = std::move(*gateway);
  }
  std::string uri() const { return gateway_ ? gateway_->uri() : machine_->uri(); }

  /// cassia-viewer, once it shows the picture.
  std::optional<Process> start_viewer(std::vector<std::string> arguments) {
    std::vector<std::string> command = {
        program("cassia-viewer"), "--headless", "--log-level", "debug", "--stats",
        folder_ / "stats"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    command.push_back(uri());
    auto viewer = Process::start(std::move(command));
    EXPECT_TRUE(viewer) << viewer.error().message();
    const auto shown = viewer->wait_for_text("the first picture is complete");
    EXPECT_TRUE(shown) << shown.error().message();
    return std::move(*viewer);
  }
  void expect_good_end(Process& process) {
    const auto status = process.wait(seconds(60));
    ASSERT_TRUE(status) << status.error().message();
    EXPECT_EQ(*status, 0) << process.errors();
  }
  Sound heard_by_viewer() {
    auto viewer = start_viewer({"--audio-file", folder_ / "out.wav", "--duration", "4"});
    EXPECT_TRUE(machine_->play());
    expect_good_end(*viewer);
    const auto heard = read_wav(folder_ / "out.wav");
    EXPECT_TRUE(heard) << heard.error().message();
    return heard ? *heard : Sound();
  }
  nlohmann::json stats() {
    const auto text = read_file(folder_ / "stats");
    return text ? nlohmann::json::parse(as_text(*text)) : nlohmann::json();
  }

  TemporaryFolder folder_;
  std::unique_ptr<Ac97Machine> machine_;
  std::unique_ptr<Gateway> gateway_;
};

TEST_F(QemuSoundTest, TheViewerHearsEverySample) {
  const Sound said = noise(16 * 48000);
  boot(said, false);
  const Match match = exact_match(said, heard_by_viewer());
  EXPECT_GT(match.frames, 48000u);
  EXPECT_GT(match.share, 0.95) << match.gaps << " gaps" << stats().dump();
  EXPECT_EQ(stats()["playback"]["codec"], "raw");
}

TEST_F(QemuSoundTest, TheViewerHearsOpus) {
  const Sound said = rising(4 * 48000);
  boot(said, true);
  EXPECT_GT(likeness(said, heard_by_viewer()), 0.98) << stats().dump();
  EXPECT_EQ(stats()["playback"]["codec"], "opus");
  EXPECT_EQ(stats()["playback"]["broken_packets"], 0);
}

TEST_F(QemuSoundTest, TheViewersMicrophoneReachesTheCard) {
  const Sound said = rising(3 * 48000);
  ASSERT_TRUE(write_wav(folder_ / "said.wav", said));
  boot(Sound(2 * 24000, 0), true);
  auto viewer = start_viewer({"--record-file", folder_ / "said.wav", "--duration", "4"});
  ASSERT_TRUE(machine_->record());
  expect_good_end(*viewer);
  const auto heard = machine_->recorded();
  ASSERT_TRUE(heard) << heard.error().message();
  EXPECT_GT(likeness(said, *heard), 0.98) << stats().dump();
  EXPECT_GT(stats()["record"]["packets_sent"], 50);
}

TEST_F(QemuSoundTest, AStockClientThroughTheGatewayHearsAndIsHeard) {
  const Sound said = noise(16 * 48000);
  const Sound spoken = noise(2 * 48000);
  ASSERT_TRUE(write_raw(folder_ / "spoken", spoken));
  boot(said, false);
  put_gateway_between();
  ProcessOptions raw;
  raw.environment.push_back("SPICE_DISABLE_OPUS=1");
  auto client =
      Process::start({program("spice_gtk_audio"), "--uri", uri(), "--play-out", folder_ / "out",
                      "--frames", "96000", "--record-in", folder_ / "spoken"},
                     std::move(raw));
  ASSERT_TRUE(client) << client.error().message();
  ASSERT_TRUE(client->wait_for_text("opened playback"));
  ASSERT_TRUE(client->wait_for_text("opened record"));
  ASSERT_TRUE(machine_->set_volume(8));
  ASSERT_TRUE(machine_->play());
  ASSERT_TRUE(machine_->record());
  expect_good_end(*client);
  // Not muted when it came, and softer since.
  EXPECT_NE(client->output().find("volume 65535 65535\nmute 0"), std::string::npos)
      << client->output();
  EXPECT_NE(client->output().find("volume 48830 48830"), std::string::npos) << client->output();

  const auto heard = read_raw(folder_ / "out");
  ASSERT_TRUE(heard) << heard.error().message();
  const Match match = exact_match(said, *heard);
  EXPECT_GT(match.frames, 48000u);
  EXPECT_GT(match.share, 0.95) << match.gaps << " gaps";

  const auto recorded = machine_->recorded();
  ASSERT_TRUE(recorded) << recorded.error().message();
  EXPECT_GT(exact_match(spoken, *recorded).frames, 24000u);
}

TEST_F(QemuSoundTest, SoundOverDbusIsHeardThroughTheGateway) {
  const Sound said = noise(16 * 48000);
  boot_on_dbus(said);
  auto viewer = start_viewer({"--audio-file", folder_ / "out.wav", "--duration", "4"});
  ASSERT_TRUE(machine_->play());
  expect_good_end(*viewer);
  const auto heard = read_wav(folder_ / "out.wav");
  ASSERT_TRUE(heard) << heard.error().message();
  const Match match = exact_match(said, *heard);
  EXPECT_GT(match.frames, 48000u);
  EXPECT_GT(match.share, 0.95) << match.gaps << " gaps" << gateway_->process().errors();
}

TEST_F(QemuSoundTest, AMicrophoneReachesTheCardOverDbus) {
  const Sound said = rising(3 * 48000);
  ASSERT_TRUE(write_wav(folder_ / "said.wav", said));
  boot_on_dbus(Sound(2 * 24000, 0));
  auto viewer = start_viewer({"--record-file", folder_ / "said.wav", "--duration", "4"});
  ASSERT_TRUE(machine_->record());
  expect_good_end(*viewer);
  const auto heard = machine_->recorded();
  ASSERT_TRUE(heard) << heard.error().message();
  EXPECT_GT(likeness(said, *heard), 0.95) << stats().dump() << gateway_->process().errors();
}

}  // namespace
}  // namespace cassia::test
