// SPDX-License-Identifier: Apache-2.0
#pragma once

// WAV files of 16-bit samples: what tests and scripts put in and take out. Source: RIFF/WAVE,
// Multimedia Programming Interface and Data Specifications 1.0.

#include <string>

#include "channels/audio/audio_format.h"

namespace cassia::channels {

struct Wav {
  AudioFormat format;
  Samples samples;  ///< interleaved
};

/// Errors: malformed, or unsupported if the samples are not 16-bit PCM.
Result<Wav> parse_wav(ByteView file);

inline constexpr std::size_t wav_header_size = 44;
/// The 44 bytes before `data_bytes` bytes of samples.
Bytes wav_header(const AudioFormat& format, std::uint32_t data_bytes);

/// The samples with as many channels and at the rate of `to`: channels beyond the source's repeat
/// its last, missing ones are left away; rates are met by linear interpolation.
Samples converted(const Wav& from, const AudioFormat& to);

}  // namespace cassia::channels
