// SPDX-License-Identifier: Apache-2.0
#include <spice/enums.h>
#include <spice/protocol.h>

#include <optional>

#include "channels/audio/volume_message.h"
#include "channels/record/record_channel.h"
#include "protocol/spice/record_messages.h"

namespace cassia::channels {
namespace {

// The server has no acks for us: packets beyond this wait in vain, a third of a second of samples.
constexpr std::size_t most_pending = std::size_t{64} << 10;

class Client final : public RecordClient {
 public:
  explicit Client(RecordClientEvents& events) : events_(events) {}

  spice::Capabilities capabilities() const override {
    return {SPICE_RECORD_CAP_VOLUME, SPICE_RECORD_CAP_OPUS};
  }
  void on_open() override { events_.record_opened(); }
  Result<void> on_message(std::uint16_t type, ByteView body, TimePoint now) override;
  void on_closed(const Error& why) override {
    stop();
    events_.record_closed(why);
  }

  bool can(AudioMode mode) const override {
    return mode == AudioMode::raw || link()->peer_capabilities().has(SPICE_RECORD_CAP_OPUS);
  }
  bool send_data(AudioMode mode, std::uint32_t time, SharedBytes data) override;

 private:
  void stop() {
    if (std::exchange(wanted_, false)) events_.record_stop();
  }

  RecordClientEvents& events_;
  AudioVolume volume_;
  bool wanted_ = false;
  bool begun_ = false;
  std::optional<AudioMode> mode_;  ///< as the server was told since the start
};

Result<void> Client::on_message(std::uint16_t type, ByteView body, TimePoint) {
  switch (type) {
    case SPICE_MSG_RECORD_START: {
      const auto m = CASSIA_TRY(wire::parse<spice::RecordStart>(body));
      const AudioFormat format = CASSIA_TRY(audio_format(m.channels, m.format, m.frequency));
      wanted_ = true;
      begun_ = false;
      mode_.reset();
      return events_.record_start(format), Result<void>{};
    }
    case SPICE_MSG_RECORD_STOP:
      return stop(), Result<void>{};
    case SPICE_MSG_RECORD_VOLUME:
      if (CASSIA_TRY(read_volume(body, volume_))) events_.record_volume(volume_);
      return {};
    case SPICE_MSG_RECORD_MUTE:
      volume_.mute = CASSIA_TRY(wire::parse<spice::AudioMute>(body)).mute != 0;
      return events_.record_volume(volume_), Result<void>{};
    default:
      return {};  // what newer servers may add
  }
}

bool Client::send_data(AudioMode mode, std::uint32_t time, SharedBytes data) {
  if (!wanted_ || data.empty() || data.size() > max_audio_data) return false;
  if (link()->pending_output() > most_pending) return false;
  if (mode_ != mode) {
    mode_ = mode;
    send(SPICE_MSGC_RECORD_MODE,
         wire::encode(spice::AudioModeMessage{time, static_cast<std::uint16_t>(mode), {}}));
  }
  if (!std::exchange(begun_, true)) {
    send(SPICE_MSGC_RECORD_START_MARK, wire::encode(spice::RecordStartMark{time}));
  }
  link()->send(SPICE_MSGC_RECORD_DATA,
               wire::encode_pieces(spice::AudioPacket{time, wire::Blob(std::move(data))}));
  return true;
}

}  // namespace

std::unique_ptr<RecordClient> RecordClient::create(RecordClientEvents& events) {
  return std::make_unique<Client>(events);
}

}  // namespace cassia::channels
