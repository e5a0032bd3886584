// SPDX-License-Identifier: Apache-2.0
#pragma once

// The playback channel, both roles: the guest's sound on its way to the viewer. The server states
// how data is coded (MODE), starts a stream of one format, sends packets with their multi-media
// times (milliseconds, wrapping at 32 bits), stops it; volume, mute and the wanted latency come at
// any time. Capabilities: SPICE_PLAYBACK_CAP_OPUS, _VOLUME, _LATENCY; not _CELT_0_5_1 (see
// AudioMode). Packets are handed on as they come: channels/audio/audio_codec.h opens them.

#include <memory>

#include "channels/audio/audio_format.h"
#include "channels/link/channel.h"

namespace cassia::channels {

class PlaybackClientEvents {
 public:
  virtual ~PlaybackClientEvents() = default;
  /// A stream begins, or begins anew with another format or mode while one runs.
  virtual void playback_start(const AudioFormat& format, AudioMode mode, std::uint32_t time) = 0;
  /// One message's data, never empty, only between start and stop; borrowed for the call.
  virtual void playback_data(std::uint32_t time, ByteView data) = 0;
  /// Only after a start.
  virtual void playback_stop() = 0;
  virtual void playback_volume(const AudioVolume& volume) { (void)volume; }
  virtual void playback_latency(std::uint32_t milliseconds) { (void)milliseconds; }
  /// After playback_stop() if a stream was running.
  virtual void playback_closed(const Error& why) = 0;
};

class PlaybackClient : public Channel {
 public:
  /// `events` must outlive it. Without `opus` the server is told that only raw samples are wanted.
  static std::unique_ptr<PlaybackClient> create(PlaybackClientEvents& events, bool opus = true);
};

class PlaybackServerEvents {
 public:
  virtual ~PlaybackServerEvents() = default;
  virtual void playback_opened() = 0;
  virtual void playback_closed(const Error& why) = 0;
};

class PlaybackServer : public Channel {
 public:
  static std::unique_ptr<PlaybackServer> create(PlaybackServerEvents& events);

  /// Raw always; Opus if the client offered it.
  virtual bool can(AudioMode mode) const = 0;
  /// Sends MODE if it differs from the last one, then START. A stream that runs is stopped first.
  virtual void start(const AudioFormat& format, AudioMode mode, std::uint32_t time) = 0;
  /// One packet, shared and not copied. False: not sent, because no stream runs or because the
  /// client is behind; sound that comes late is worth less than sound that is left out.
  virtual bool send_data(std::uint32_t time, SharedBytes data) = 0;
  /// Nothing if no stream runs.
  virtual void stop() = 0;
  /// Volume (unless it was never stated) and mute, if the client knows them.
  virtual void send_volume(const AudioVolume& volume) = 0;
  virtual void send_latency(std::uint32_t milliseconds) = 0;
};

}  // namespace cassia::channels
