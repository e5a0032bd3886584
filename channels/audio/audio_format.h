// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a sound stream is made of. Samples are 16 bits, signed, little-endian on the wire and
// interleaved: one frame is one sample of each channel.

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace cassia::channels {

/// How data is coded: SPICE_AUDIO_DATA_MODE_*. CELT 0.5.1 (2) is not among them: the library that
/// implements that bit stream was abandoned in 2011, and every peer since offers Opus.
enum class AudioMode : std::uint16_t { raw = 1, opus = 3 };

std::string_view to_string(AudioMode mode);
/// Errors: unsupported for CELT, malformed for what is no mode.
Result<AudioMode> audio_mode(std::uint16_t wire);

struct AudioFormat {
  std::uint32_t channels = 2;
  std::uint32_t frequency = 48000;  ///< frames a second
  bool operator==(const AudioFormat&) const = default;

  std::size_t frame_bytes() const { return std::size_t{2} * channels; }
};

/// Stock servers only ever state 2 channels, and 44100 or 48000 Hz.
inline constexpr std::uint32_t max_audio_channels = 8;
inline constexpr std::uint32_t max_audio_frequency = 192000;
/// Bytes of data in one message; libspice-server sends 1920 and takes as much.
inline constexpr std::size_t max_audio_data = std::size_t{64} << 10;
/// A whole message of an audio channel: what ClientLinkParams::max_server_message should be.
inline constexpr std::size_t max_audio_message = std::size_t{128} << 10;

/// The format that a START message states. Errors: malformed if it is out of bounds, unsupported if
/// its samples are not 16 bits.
Result<AudioFormat> audio_format(std::uint32_t channels, std::uint16_t format,
                                 std::uint32_t frequency);

/// Volume of each channel (0 silent, 65535 full) and mute, as the guest's mixer has them.
struct AudioVolume {
  std::vector<std::uint16_t> channels;  ///< at most max_audio_channels; empty: never stated
  bool mute = false;
  bool operator==(const AudioVolume&) const = default;
};

/// Samples in the machine's own order <-> as they are on the wire.
using Samples = std::vector<std::int16_t>;
Samples samples_of(ByteView wire);  ///< an odd last byte is left away
Bytes wire_of(std::span<const std::int16_t> samples);

}  // namespace cassia::channels
