// SPDX-License-Identifier: Apache-2.0
// Debian's own spice-vdagentd and spice-vdagent, in a session served by Xspice: with our client
// directly, and with the stock client through the gateway.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spice/vd_agent.h>
#include <unistd.h>

#include <algorithm>

#include "base/file.h"
#include "tests/interop/agent/our_session.h"
#include "tests/interop/audio/sound.h"
#include "tests/interop/window/desk.h"
#include "tests/support/paths.h"
#include "tests/support/programs.h"
#include "tests/support/sound_server.h"
#include "tests/support/x_server.h"

namespace cassia::test {
namespace {

using client::AgentLink;
using spice::ClipboardType;
using spice::Selection;
using ::testing::HasSubstr;

class VdagentTest : public testing::Test {
 protected:
  void SetUp() override { start({}); }
  void start(const std::vector<std::string>& agent_environment) {
    std::filesystem::create_directory(folder_ / "saved");
    const std::string port = folder_ / "virtio", uinput = folder_ / "uinput";
    auto x = XServer::start_xspice(
        1024, 768,
        {"XSPICE_VDAGENT_ENABLED=1", "XSPICE_VDAGENT_VIRTIO_PATH=" + port,
         "XSPICE_VDAGENT_UINPUT_PATH=" + uinput, "XSPICE_VDAGENT_UID=" + std::to_string(::getuid()),
         "XSPICE_VDAGENT_GID=" + std::to_string(::getgid())});
    ASSERT_TRUE(x) << x.error().message();
    x_ = std::move(*x);
    const std::string socket = folder_ / "agent";
    auto daemon = Process::start({"/usr/sbin/spice-vdagentd", "-d", "-f", "-x", "-X", "-S", socket,
                                  "-s", port, "-u", uinput});
    ASSERT_TRUE(daemon) << daemon.error().message();
    daemon_.emplace(std::move(*daemon));
    ASSERT_TRUE(wait_until([&] { return std::filesystem::exists(socket); })) << daemon_->errors();
    ProcessOptions options;
    options.environment = agent_environment;
    options.environment.push_back(x_->environment());
    options.environment.push_back("XDG_RUNTIME_DIR=" + folder_.path().string());
    auto agent = Process::start({"spice-vdagent", "-d", "-x", "-s", port, "-S", socket, "-f",
                                 (folder_ / "saved").string(), "-o", "0"},
                                options);
    ASSERT_TRUE(agent) << agent.error().message();
    agent_.emplace(std::move(*agent));
    // The daemon opens its port once the session's agent has said how large the screen is.
    ASSERT_TRUE(daemon_->wait_for_text("opening vdagent virtio channel")) << daemon_->errors();
  }
  /// Puts a text into the clipboard of the X session, as any of its programs would.
  Process copy_in_guest(const std::string& text, const std::string& selection = "clipboard") {
    ProcessOptions options;
    options.environment = {x_->environment()};
    options.input = text;
    return std::move(*Process::start({"xclip", "-selection", selection, "-i", "-quiet"}, options));
  }
  std::string said() const { return daemon_->errors() + agent_->errors(); }

  TemporaryFolder folder_;
  std::unique_ptr<XServer> x_;
  std::optional<Process> daemon_, agent_;
};

TEST_F(VdagentTest, ClipboardBothWaysAndAFile) {
  OurSession ours(x_->uri());
  ASSERT_TRUE(ours.agent_can(VD_AGENT_CAP_CLIPBOARD_BY_DEMAND)) << said();

  // Into the guest: a program of the X session pastes what we own.
  (*ours).with_agent(
      [](AgentLink& agent) { agent.grab(Selection::clipboard, {ClipboardType::utf8_text}); });
  // xclip finds nothing until the agent owns the session's selection.
  std::optional<Process> paste;
  bool wanted = false;
  ASSERT_TRUE(wait_until([&] {
    if (!paste || !paste->running()) {
      paste.emplace(std::move(*x_->client({"xclip", "-selection", "clipboard", "-o"})));
    }
    ours.each<client::ClipboardWanted>([&](const auto& wish) {
      if (wish.type != ClipboardType::utf8_text) return;
      wanted = true;
      (*ours).with_agent([](AgentLink& agent) {
        agent.provide(Selection::clipboard, ClipboardType::utf8_text, to_bytes("from the host ü"));
      });
    });
    return wanted;
  })) << said();
  ASSERT_TRUE(paste->wait_for_text("from the host ü")) << paste->errors() << said();

  // Out of the guest.
  const Process holder = copy_in_guest("from the guest");
  ASSERT_TRUE(ours.wait<client::ClipboardGrabbed>([](const auto& grab) {
    return grab.selection == Selection::clipboard;
  })) << said();
  (*ours).with_agent(
      [](AgentLink& agent) { agent.request(Selection::clipboard, ClipboardType::utf8_text); });
  const auto contents = ours.wait<client::ClipboardContents>([](const auto&) { return true; });
  ASSERT_TRUE(contents) << said();
  EXPECT_EQ(as_text(contents->data.view()), "from the guest");

  // A file.
  Bytes data(1500007);
  for (std::size_t i = 0; i < data.size(); ++i)
    data[i] = static_cast<std::uint8_t>(i * 31 + i / 999);
  ASSERT_TRUE(write_file_atomically(folder_ / "a file.bin", data));
  const std::string path = folder_ / "a file.bin";
  (*ours).with_agent([path](AgentLink& agent) { agent.send_file(path); });
  const auto moved =
      ours.wait<client::FileMoved>([](const auto& m) { return m.progress.finished; });
  ASSERT_TRUE(moved) << said();
  ASSERT_FALSE(moved->progress.error) << moved->progress.error->message() << said();
  EXPECT_EQ(*read_file(folder_ / "saved" / "a file.bin"), data);
}

TEST_F(VdagentTest, TheStockClientThroughTheGateway) {
  auto gateway = Gateway::start({"--upstream", x_->uri()});
  ASSERT_TRUE(gateway) << gateway.error().message();
  ASSERT_TRUE(write_file_atomically(folder_ / "b.txt", as_bytes("contents")));
  const auto run_stock = [&](std::vector<std::string> steps) {
    std::vector<std::string> command = {program("spice_gtk_agent"), (*gateway)->uri()};
    command.insert(command.end(), steps.begin(), steps.end());
    return run(command);
  };
  const auto sent =
      run_stock({"wait=caps", "file=" + (folder_ / "b.txt").string(), "wait=file b.txt done"});
  ASSERT_TRUE(sent) << sent.error().message();
  EXPECT_EQ(sent->status, 0) << sent->output << sent->errors << said()
                             << (*gateway)->process().errors();
  EXPECT_EQ(as_text(*read_file(folder_ / "saved" / "b.txt")), "contents");

  const Process holder = copy_in_guest("through the gateway");
  const auto got = run_stock({"wait=grab 0 1", "request", "wait=data 0 1"});
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_THAT(got->output, HasSubstr("data 0 1 through the gateway\n")) << got->errors << said();
}

TEST_F(VdagentTest, TheViewersWindowSharesPicturesAndText) {
  auto opened = Desk::open(x_->uri(), 1024, 768);
  ASSERT_TRUE(opened) << opened.error().message();
  Desk& desk = **opened;
  const auto in_guest = [&](const std::string& selection, const std::string& target) {
    return x_->ask({"xclip", "-o", "-selection", selection, "-t", target}).value_or("");
  };
  // 3 MB go in pieces on every leg: both X servers, the agent's chunks.
  Bytes picture(3000003);
  for (std::size_t i = 0; i < picture.size(); ++i)
    picture[i] = static_cast<std::uint8_t>(i * 31 + i / 999);
  Bytes other = picture;
  std::reverse(other.begin(), other.end());
  const std::string file = folder_ / "picture", guest_file = folder_ / "other";
  ASSERT_TRUE(write_file_atomically(file, picture));
  ASSERT_TRUE(write_file_atomically(guest_file, other));
  std::vector<Process> owners;
  for (const std::string selection : {"clipboard", "primary"}) {
    for (const std::string target : {"image/png", "image/jpeg"}) {
      ASSERT_TRUE(desk.copy_file(selection, target, file));
      EXPECT_TRUE(wait_until([&] { return in_guest(selection, target) == as_text(picture); }))
          << selection << " " << target << in_guest(selection, "TARGETS") << said();
      owners.push_back(std::move(*x_->client(
          {"xclip", "-quiet", "-selection", selection, "-t", target, "-i", guest_file})));
      EXPECT_TRUE(wait_until([&] {
        return desk.paste(selection, "TARGETS").find(target) != std::string::npos &&
               desk.paste(selection, target) == as_text(other);
      })) << selection
          << " " << target << desk.paste(selection, "TARGETS") << said();
    }
    ASSERT_TRUE(desk.copy(selection, "desk \u00fc"));
    EXPECT_TRUE(wait_until([&] { return in_guest(selection, "UTF8_STRING") == "desk \u00fc"; }));
    const Process holder = copy_in_guest("guest \u00fc", selection);
    EXPECT_TRUE(wait_until([&] { return desk.paste(selection) == "guest \u00fc"; })) << said();
  }
  ASSERT_TRUE(desk.drop({file}));
  EXPECT_TRUE(wait_until([&] {
    const auto saved = read_file(folder_ / "saved" / "picture");
    return saved && *saved == picture;
  })) << said();
}

/// With a mixer in the guest, which is ALSA's for the agent.
class VdagentVolumes : public VdagentTest {
 protected:
  void SetUp() override {
    auto sound = SoundServer::start();
    ASSERT_TRUE(sound) << sound.error().message();
    sound_ = std::move(*sound);
    start(sound_->environment());
  }
  void expect_mixer(const std::string& sink, const std::string& source) {
    EXPECT_TRUE(wait_until([&] {
      return sound_->volume("sink") == sink && sound_->volume("source") == source;
    })) << sound_->volume("sink")
        << ", " << sound_->volume("source") << said();
  }
  /// cassia-viewer with these volumes, until it has seen the screen.
  void view_with(const std::string& uri, const std::string& volume, const std::string& mic) {
    const std::string silence = folder_ / "silence.wav";
    ASSERT_TRUE(write_wav(silence, std::vector<std::int16_t>(4800)));
    ViewerOptions options;
    options.more = {"--audio-file",  folder_ / "heard.wav",
                    "--record-file", silence,
                    "--volume",      volume,
                    "--mic-volume",  mic};
    const auto seen = view(uri, options);
    EXPECT_TRUE(seen) << seen.error().message() << said();
  }
  std::unique_ptr<SoundServer> sound_;
};

TEST_F(VdagentVolumes, TheGuestsMixerFollowsTheViewer) {
  expect_mixer("100%", "100%");
  view_with(x_->uri(), "37", "mute");
  expect_mixer("37%", "100% mute");
  auto gateway = Gateway::start({"--upstream", x_->uri()});
  ASSERT_TRUE(gateway) << gateway.error().message();
  view_with((*gateway)->uri(), "mute", "62");
  expect_mixer("100% mute", "62%");
}

}  // namespace
}  // namespace cassia::test
