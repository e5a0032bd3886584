// SPDX-License-Identifier: Apache-2.0
#include <spice/enums.h>
#include <spice/protocol.h>

#include <optional>

#include "channels/audio/volume_message.h"
#include "channels/playback/playback_channel.h"
#include "protocol/spice/playback_messages.h"

namespace cassia::channels {
namespace {

class Client final : public PlaybackClient {
 public:
  Client(PlaybackClientEvents& events, bool opus) : events_(events), opus_(opus) {}

  spice::Capabilities capabilities() const override {
    spice::Capabilities caps{SPICE_PLAYBACK_CAP_VOLUME, SPICE_PLAYBACK_CAP_LATENCY};
    if (opus_) caps.set(SPICE_PLAYBACK_CAP_OPUS);
    return caps;
  }
  Result<void> on_message(std::uint16_t type, ByteView body, TimePoint now) override;
  void on_closed(const Error& why) override {
    stop();
    events_.playback_closed(why);
  }

 private:
  Result<void> on_mode(ByteView body);
  Result<void> on_start(ByteView body);
  Result<void> on_data(ByteView body);
  Result<void> on_volume(ByteView body);
  void stop() {
    if (std::exchange(format_, std::nullopt)) events_.playback_stop();
  }

  PlaybackClientEvents& events_;
  const bool opus_;
  AudioMode mode_ = AudioMode::raw;    // until a MODE says otherwise
  std::optional<AudioFormat> format_;  ///< of the stream that runs
  AudioVolume volume_;
};

Result<void> Client::on_mode(ByteView body) {
  const auto m = CASSIA_TRY(wire::parse<spice::AudioModeMessage>(body));
  const AudioMode mode = CASSIA_TRY(audio_mode(m.mode));
  if (mode == AudioMode::opus && !opus_) {
    return fail(ErrorKind::unsupported, "the server codes sound as Opus, which was not offered");
  }
  if (std::exchange(mode_, mode) == mode || !format_) return {};
  events_.playback_start(*format_, mode_, m.time);
  return {};
}

Result<void> Client::on_start(ByteView body) {
  const auto m = CASSIA_TRY(wire::parse<spice::PlaybackStart>(body));
  format_ = CASSIA_TRY(audio_format(m.channels, m.format, m.frequency));
  events_.playback_start(*format_, mode_, m.time);
  return {};
}

Result<void> Client::on_data(ByteView body) {
  const auto m = CASSIA_TRY(wire::parse<spice::AudioPacket>(body));
  if (m.data.size() > max_audio_data) {
    return fail(ErrorKind::malformed, "{} bytes of sound in one message; {} are possible",
                m.data.size(), max_audio_data);
  }
  // Without a stream it is a straggler: a server may have queued it before its STOP.
  if (format_ && m.data.size() > 0) events_.playback_data(m.time, m.data.view());
  return {};
}

Result<void> Client::on_volume(ByteView body) {
  if (CASSIA_TRY(read_volume(body, volume_))) events_.playback_volume(volume_);
  return {};
}

Result<void> Client::on_message(std::uint16_t type, ByteView body, TimePoint) {
  switch (type) {
    case SPICE_MSG_PLAYBACK_DATA:
      return on_data(body);
    case SPICE_MSG_PLAYBACK_MODE:
      return on_mode(body);
    case SPICE_MSG_PLAYBACK_START:
      return on_start(body);
    case SPICE_MSG_PLAYBACK_STOP:
      return stop(), Result<void>{};
    case SPICE_MSG_PLAYBACK_VOLUME:
      return on_volume(body);
    case SPICE_MSG_PLAYBACK_MUTE:
      volume_.mute = CASSIA_TRY(wire::parse<spice::AudioMute>(body)).mute != 0;
      return events_.playback_volume(volume_), Result<void>{};
    case SPICE_MSG_PLAYBACK_LATENCY:
      events_.playback_latency(CASSIA_TRY(wire::parse<spice::PlaybackLatency>(body)).milliseconds);
      return {};
    default:
      return {};  // what newer servers may add
  }
}

}  // namespace

std::unique_ptr<PlaybackClient> PlaybackClient::create(PlaybackClientEvents& events, bool opus) {
  return std::make_unique<Client>(events, opus);
}

}  // namespace cassia::channels
