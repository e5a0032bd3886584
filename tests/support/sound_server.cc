// SPDX-License-Identifier: Apache-2.0
#include "tests/support/sound_server.h"

#include "base/file.h"

namespace cassia::test {
namespace {

/// ALSA's "default" becomes the server's: libasound2-plugins.
constexpr const char* alsa_configuration = R"(
</usr/share/alsa/alsa.conf>
ctl.!default {{ type pulse server "unix:{0}" }}
pcm.!default {{ type pulse server "unix:{0}" }}
)";

}  // namespace

Result<std::unique_ptr<SoundServer>> SoundServer::start() {
  std::unique_ptr<SoundServer> server(new SoundServer);
  const std::string socket = server->folder_ / "socket", home = server->folder_.path();
  CASSIA_TRY(
      write_file_atomically(server->folder_ / "asound.conf",
                            as_bytes(fmt::format(fmt::runtime(alsa_configuration), socket))));
  server->process_ = CASSIA_TRY(Process::start(
      {"pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
       "--disable-shm=yes", "-L",
       "module-native-protocol-unix socket=" + socket + " auth-anonymous=1", "-L",
       "module-null-sink sink_name=speaker", "-L", "module-null-source source_name=microphone"},
      {.environment = {"HOME=" + home, "XDG_RUNTIME_DIR=" + home}}));
  if (!wait_until([&] { return !server->volume("source").empty(); })) {
    return fail(ErrorKind::timeout, "PulseAudio does not come up: {}", server->process_->errors());
  }
  return server;
}

std::vector<std::string> SoundServer::environment() const {
  return {"PULSE_SERVER=unix:" + (folder_ / "socket").string(),
          "ALSA_CONFIG_PATH=" + (folder_ / "asound.conf").string()};
}

std::string SoundServer::ask(std::vector<std::string> question) const {
  question.insert(question.begin(), "pactl");
  const auto answer = run(std::move(question), {.environment = environment()});
  return answer && answer->status == 0 ? answer->output : std::string();
}

std::string SoundServer::volume(const std::string& kind) const {
  const std::string device = kind == "sink" ? "speaker" : "microphone";
  // "Volume: front-left: 32768 /  50% / -18.06 dB, ..."
  const std::string said = ask({"get-" + kind + "-volume", device});
  const auto percent = said.find('%');
  if (percent == std::string::npos) return {};
  const auto begin = said.find_last_of(" /", percent) + 1;
  const bool mute = ask({"get-" + kind + "-mute", device}).find("yes") != std::string::npos;
  return said.substr(begin, percent + 1 - begin) + (mute ? " mute" : "");
}

}  // namespace cassia::test
