// SPDX-License-Identifier: Apache-2.0
#pragma once

// The record channel, both roles: what the viewer's microphone hears on its way to the guest. The
// server starts and stops it and states volume and mute; the client answers a start with MODE and
// START_MARK and then sends packets. Capabilities: SPICE_RECORD_CAP_OPUS, _VOLUME; not
// _CELT_0_5_1 (see AudioMode).

#include <memory>

#include "channels/audio/audio_format.h"
#include "channels/link/channel.h"

namespace cassia::channels {

class RecordClientEvents {
 public:
  virtual ~RecordClientEvents() = default;
  /// The link is up: can() is meaningful from now on.
  virtual void record_opened() {}
  /// The guest listens: samples of this format are wanted. May come again with another format.
  virtual void record_start(const AudioFormat& format) = 0;
  /// Only after a start.
  virtual void record_stop() = 0;
  virtual void record_volume(const AudioVolume& volume) { (void)volume; }
  /// After record_stop() if recording.
  virtual void record_closed(const Error& why) = 0;
};

class RecordClient : public Channel {
 public:
  static std::unique_ptr<RecordClient> create(RecordClientEvents& events);
  /// Raw always; Opus if the server offered it.
  virtual bool can(AudioMode mode) const = 0;
  /// One packet. MODE and START_MARK go before the first one after a start, and MODE before one of
  /// another mode. False: not sent, because nothing is wanted or because the server is behind.
  virtual bool send_data(AudioMode mode, std::uint32_t time, SharedBytes data) = 0;
};

class RecordServerEvents {
 public:
  virtual ~RecordServerEvents() = default;
  virtual void record_opened() = 0;
  /// The client has begun: START_MARK after a start.
  virtual void record_begun(std::uint32_t time) { (void)time; }
  /// One message's data, never empty, only between start() and stop(); borrowed for the call.
  virtual void record_data(AudioMode mode, std::uint32_t time, ByteView data) = 0;
  virtual void record_closed(const Error& why) = 0;
};

class RecordServer : public Channel {
 public:
  /// `opus`: what the LinkPolicy offers; a client that sends Opus without it is refused.
  static std::unique_ptr<RecordServer> create(RecordServerEvents& events, bool opus = true);
  virtual void start(const AudioFormat& format) = 0;
  /// Nothing if not started.
  virtual void stop() = 0;
  virtual void send_volume(const AudioVolume& volume) = 0;
};

}  // namespace cassia::channels
