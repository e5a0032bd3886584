// SPDX-License-Identifier: Apache-2.0
#include <spice/enums.h>
#include <spice/protocol.h>

#include "channels/record/record_channel.h"
#include "protocol/spice/record_messages.h"

namespace cassia::channels {
namespace {

class Server final : public RecordServer {
 public:
  Server(RecordServerEvents& events, bool opus) : events_(events), opus_(opus) {}

  void on_open() override { events_.record_opened(); }
  Result<void> on_message(std::uint16_t type, ByteView body, TimePoint now) override;
  void on_closed(const Error& why) override {
    started_ = false;
    events_.record_closed(why);
  }

  void start(const AudioFormat& format) override {
    started_ = true;
    send(SPICE_MSG_RECORD_START,
         wire::encode(spice::RecordStart{format.channels, SPICE_AUDIO_FMT_S16, format.frequency}));
  }
  void stop() override {
    if (std::exchange(started_, false)) send(SPICE_MSG_RECORD_STOP, {});
  }
  void send_volume(const AudioVolume& volume) override;

 private:
  Result<void> on_mode(ByteView body);
  Result<void> on_data(ByteView body);

  RecordServerEvents& events_;
  const bool opus_;
  AudioMode mode_ = AudioMode::raw;  // until a MODE; spice-gtk sends none for a second START
  bool started_ = false;
};

Result<void> Server::on_mode(ByteView body) {
  const auto m = CASSIA_TRY(wire::parse<spice::AudioModeMessage>(body));
  const AudioMode mode = CASSIA_TRY(audio_mode(m.mode));
  if (mode == AudioMode::opus && !opus_) {
    return fail(ErrorKind::unsupported, "the client codes sound as Opus, which was not offered");
  }
  mode_ = mode;
  return {};
}

Result<void> Server::on_data(ByteView body) {
  const auto m = CASSIA_TRY(wire::parse<spice::AudioPacket>(body));
  if (m.data.size() > max_audio_data) {
    return fail(ErrorKind::malformed, "{} bytes of sound in one message; {} are possible",
                m.data.size(), max_audio_data);
  }
  // What comes while nothing is wanted has crossed our STOP.
  if (started_ && m.data.size() > 0) events_.record_data(mode_, m.time, m.data.view());
  return {};
}

Result<void> Server::on_message(std::uint16_t type, ByteView body, TimePoint) {
  switch (type) {
    case SPICE_MSGC_RECORD_DATA:
      return on_data(body);
    case SPICE_MSGC_RECORD_MODE:
      return on_mode(body);
    case SPICE_MSGC_RECORD_START_MARK: {
      const auto mark = CASSIA_TRY(wire::parse<spice::RecordStartMark>(body));
      if (started_) events_.record_begun(mark.time);
      return {};
    }
    default:
      return fail(ErrorKind::malformed, "unknown record message {}", type);
  }
}

void Server::send_volume(const AudioVolume& volume) {
  if (!link()->peer_capabilities().has(SPICE_RECORD_CAP_VOLUME)) return;
  if (!volume.channels.empty()) {
    send(SPICE_MSG_RECORD_VOLUME, wire::encode(spice::AudioVolume{volume.channels}));
  }
  send(SPICE_MSG_RECORD_MUTE,
       wire::encode(spice::AudioMute{static_cast<std::uint8_t>(volume.mute ? 1 : 0)}));
}

}  // namespace

std::unique_ptr<RecordServer> RecordServer::create(RecordServerEvents& events, bool opus) {
  return std::make_unique<Server>(events, opus);
}

}  // namespace cassia::channels
