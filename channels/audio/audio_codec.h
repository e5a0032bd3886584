// SPDX-License-Identifier: Apache-2.0
#pragma once

// From samples to the data of audio messages and back. Opus comes from libopus (RFC 6716); one
// packet is one message. The frame is the peer's: 480 samples a channel, at 16 kHz 320 (480 would
// be 30 ms, a length that Opus does not have), and no packet is larger than 480 bytes, the room
// that libspice-server and spice-gtk have for one.

#include <memory>
#include <optional>

#include "channels/audio/audio_format.h"

namespace cassia::channels {

/// True if Opus can carry it: 8, 12, 16, 24 or 48 kHz. Peers know it with two channels only.
bool opus_capable(const AudioFormat& format);
/// Sample frames in each message we make.
std::uint32_t frames_per_packet(const AudioFormat& format);

/// Thread-compatible.
class AudioEncoder {
 public:
  virtual ~AudioEncoder() = default;
  /// Errors: unsupported if `mode` is Opus and the format is none for it.
  static Result<std::unique_ptr<AudioEncoder>> create(AudioMode mode, const AudioFormat& format);

  struct Packet {
    std::uint32_t time = 0;  ///< of its first sample
    SharedBytes data;
  };
  /// The packets that `samples` (whole frames, the first at `time` ms) complete; what is left waits
  /// for the next call.
  virtual Result<std::vector<Packet>> encode(std::span<const std::int16_t> samples,
                                             std::uint32_t time) = 0;
  /// Forgets what waits.
  virtual void reset() = 0;
};

/// Thread-compatible.
class AudioDecoder {
 public:
  virtual ~AudioDecoder() = default;
  static Result<std::unique_ptr<AudioDecoder>> create(AudioMode mode, const AudioFormat& format);

  /// The samples of one message: whole frames, 120 ms at most if it is Opus. Raw data that ends
  /// within a frame is cut there. Error (malformed): not an Opus packet; the decoder goes on with
  /// the next one.
  virtual Result<Samples> decode(ByteView data) = 0;
  /// What stands in for one packet that is lost or broken, of the length of the last one.
  virtual Samples conceal() = 0;
};

}  // namespace cassia::channels
