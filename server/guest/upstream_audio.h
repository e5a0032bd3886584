// SPDX-License-Identifier: Apache-2.0
#pragma once

// The sound channels of one upstream session. Internal to the spice adapter.

#include <memory>

#include "channels/audio/audio_codec.h"
#include "channels/playback/playback_channel.h"
#include "channels/record/record_channel.h"
#include "server/guest/guest_audio.h"

namespace cassia::server {

/// Lives as long as the channels that it made.
class UpstreamAudio final : public channels::PlaybackClientEvents,
                            public channels::RecordClientEvents {
 public:
  /// `silent` is the session's: while true nothing is told. `opus`: may the upstream compress?
  UpstreamAudio(GuestAudioEvents& events, const bool& silent, bool opus)
      : events_(events), silent_(silent), opus_(opus) {}

  /// Null for any other type of channel.
  std::unique_ptr<channels::Channel> make_channel(spice::ChannelType type);
  /// One packet of the microphone; passed on as it is where the upstream can take it.
  void record_data(channels::AudioMode mode, std::uint32_t time, SharedBytes packet);

 private:
  void playback_start(const channels::AudioFormat& format, channels::AudioMode mode,
                      std::uint32_t time) override;
  void playback_data(std::uint32_t time, ByteView data) override;
  void playback_stop() override;
  void playback_volume(const channels::AudioVolume& volume) override;
  void playback_latency(std::uint32_t milliseconds) override;
  void playback_closed(const Error&) override {}
  void record_start(const channels::AudioFormat& format) override;
  void record_stop() override;
  void record_volume(const channels::AudioVolume& volume) override;
  void record_closed(const Error&) override { record_ = nullptr; }

  GuestAudioEvents& events_;
  const bool& silent_;
  const bool opus_;
  channels::RecordClient* record_ = nullptr;
  channels::AudioFormat record_format_;
  std::unique_ptr<channels::AudioDecoder> decoder_;  ///< for an upstream without Opus
};

}  // namespace cassia::server
