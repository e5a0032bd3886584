// SPDX-License-Identifier: Apache-2.0
#pragma once

// A guest's sound, beside GuestEvents: what it plays, and that it listens to a microphone. Packets
// stay coded as the guest sends them.

#include <cstdint>

#include "base/bytes.h"
#include "channels/audio/audio_format.h"

namespace cassia::server {

/// Called as GuestEvents are. Times are the guest's multi-media times, in milliseconds.
class GuestAudioEvents {
 public:
  virtual ~GuestAudioEvents() = default;

  /// The guest can play (or record): viewers that come from now on are offered the channel.
  virtual void guest_can_play() = 0;
  virtual void guest_can_record() = 0;

  /// A stream begins; one that runs is over.
  virtual void guest_playback_start(const channels::AudioFormat& format, channels::AudioMode mode,
                                    std::uint32_t time) = 0;
  virtual void guest_playback_data(std::uint32_t time, SharedBytes packet) = 0;
  virtual void guest_playback_stop() = 0;
  virtual void guest_playback_volume(const channels::AudioVolume& volume) = 0;
  virtual void guest_playback_latency(std::uint32_t milliseconds) = 0;

  /// The guest wants to hear; GuestSource::record_data() brings it.
  virtual void guest_record_start(const channels::AudioFormat& format) = 0;
  virtual void guest_record_stop() = 0;
  virtual void guest_record_volume(const channels::AudioVolume& volume) = 0;
};

}  // namespace cassia::server
