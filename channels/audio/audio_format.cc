// SPDX-License-Identifier: Apache-2.0
#include "channels/audio/audio_format.h"

#include <spice/enums.h>

namespace cassia::channels {

namespace {

// SPICE_AUDIO_DATA_MODE_CELT_0_5_1, which the headers mark as deprecated.
constexpr std::uint16_t celt_mode = 2;

}  // namespace

std::string_view to_string(AudioMode mode) { return mode == AudioMode::opus ? "opus" : "raw"; }

Result<AudioMode> audio_mode(std::uint16_t wire) {
  switch (wire) {
    case SPICE_AUDIO_DATA_MODE_RAW:
      return AudioMode::raw;
    case SPICE_AUDIO_DATA_MODE_OPUS:
      return AudioMode::opus;
    case celt_mode:
      return fail(ErrorKind::unsupported,
                  "the peer codes sound as CELT 0.5.1, which was not offered; let it use Opus or "
                  "switch its compression off");
    default:
      return fail(ErrorKind::malformed, "{} is no audio mode", wire);
  }
}

Result<AudioFormat> audio_format(std::uint32_t channels, std::uint16_t format,
                                 std::uint32_t frequency) {
  if (format != SPICE_AUDIO_FMT_S16) {
    return fail(ErrorKind::unsupported, "samples of format {}; 16 bits are expected", format);
  }
  if (channels == 0 || channels > max_audio_channels) {
    return fail(ErrorKind::malformed, "sound of {} channels; 1 to {} are possible", channels,
                max_audio_channels);
  }
  if (frequency == 0 || frequency > max_audio_frequency) {
    return fail(ErrorKind::malformed, "sound of {} Hz; 1 to {} are possible", frequency,
                max_audio_frequency);
  }
  return AudioFormat{channels, frequency};
}

Samples samples_of(ByteView wire) {
  Samples out(wire.size() / 2);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<std::int16_t>(wire[2 * i] | wire[2 * i + 1] << 8);
  }
  return out;
}

Bytes wire_of(std::span<const std::int16_t> samples) {
  Bytes out(2 * samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto bits = static_cast<std::uint16_t>(samples[i]);
    out[2 * i] = static_cast<std::uint8_t>(bits);
    out[2 * i + 1] = static_cast<std::uint8_t>(bits >> 8);
  }
  return out;
}

}  // namespace cassia::channels
