// SPDX-License-Identifier: Apache-2.0
#include <spice/enums.h>
#include <spice/protocol.h>

#include <optional>

#include "channels/playback/playback_channel.h"
#include "protocol/spice/playback_messages.h"

namespace cassia::channels {
namespace {

class Server final : public PlaybackServer {
 public:
  explicit Server(PlaybackServerEvents& events) : events_(events) {}

  void on_open() override { events_.playback_opened(); }
  Result<void> on_message(std::uint16_t type, ByteView, TimePoint) override {
    return fail(ErrorKind::malformed, "unknown playback message {}", type);
  }
  void on_closed(const Error& why) override { events_.playback_closed(why); }

  bool can(AudioMode mode) const override {
    return mode == AudioMode::raw || knows(SPICE_PLAYBACK_CAP_OPUS);
  }
  void start(const AudioFormat& format, AudioMode mode, std::uint32_t time) override;
  bool send_data(std::uint32_t time, SharedBytes data) override;
  void stop() override {
    if (std::exchange(running_, false)) send(SPICE_MSG_PLAYBACK_STOP, {});
  }
  void send_volume(const AudioVolume& volume) override;
  void send_latency(std::uint32_t milliseconds) override {
    if (!knows(SPICE_PLAYBACK_CAP_LATENCY)) return;
    send(SPICE_MSG_PLAYBACK_LATENCY, wire::encode(spice::PlaybackLatency{milliseconds}));
  }

 private:
  bool knows(unsigned cap) const { return link()->peer_capabilities().has(cap); }

  PlaybackServerEvents& events_;
  std::optional<AudioMode> mode_;  ///< as the client was told
  bool running_ = false;
};

void Server::start(const AudioFormat& format, AudioMode mode, std::uint32_t time) {
  stop();
  if (mode_ != mode) {
    mode_ = mode;
    send(SPICE_MSG_PLAYBACK_MODE,
         wire::encode(spice::AudioModeMessage{time, static_cast<std::uint16_t>(mode), {}}));
  }
  running_ = true;
  send(SPICE_MSG_PLAYBACK_START,
       wire::encode(
           spice::PlaybackStart{format.channels, SPICE_AUDIO_FMT_S16, format.frequency, time}));
}

bool Server::send_data(std::uint32_t time, SharedBytes data) {
  if (!running_ || data.empty() || data.size() > max_audio_data || !link()->writable()) {
    return false;
  }
  link()->send(SPICE_MSG_PLAYBACK_DATA,
               wire::encode_pieces(spice::AudioPacket{time, wire::Blob(std::move(data))}));
  return true;
}

void Server::send_volume(const AudioVolume& volume) {
  if (!knows(SPICE_PLAYBACK_CAP_VOLUME)) return;
  if (!volume.channels.empty()) {
    send(SPICE_MSG_PLAYBACK_VOLUME, wire::encode(spice::AudioVolume{volume.channels}));
  }
  send(SPICE_MSG_PLAYBACK_MUTE,
       wire::encode(spice::AudioMute{static_cast<std::uint8_t>(volume.mute ? 1 : 0)}));
}

}  // namespace

std::unique_ptr<PlaybackServer> PlaybackServer::create(PlaybackServerEvents& events) {
  return std::make_unique<Server>(events);
}

}  // namespace cassia::channels
