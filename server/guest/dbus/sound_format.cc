// SPDX-License-Identifier: Apache-2.0
// Samples of a voice of QEMU's, and ours.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "server/guest/dbus/sound.h"

namespace cassia::server::dbus {

using channels::Samples;

namespace {

std::size_t sample_bytes(const VoiceFormat& format) { return format.bits / 8u; }

std::uint32_t load(const std::uint8_t* at, std::size_t bytes, bool big_endian) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    value |= std::uint32_t{at[big_endian ? bytes - 1 - i : i]} << (8 * i);
  }
  return value;
}

void store(std::uint8_t* at, std::size_t bytes, bool big_endian, std::uint32_t value) {
  for (std::size_t i = 0; i < bytes; ++i) {
    at[big_endian ? bytes - 1 - i : i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

std::int16_t sample_of(const VoiceFormat& format, const std::uint8_t* at) {
  const std::uint32_t raw = load(at, sample_bytes(format), format.big_endian);
  if (format.is_float) {
    const float value = std::bit_cast<float>(raw);
    if (!std::isfinite(value)) return 0;
    return static_cast<std::int16_t>(std::lround(std::clamp(value, -1.0f, 1.0f) * 32767));
  }
  // Both shifted to 16 bits; unsigned samples have their zero in the middle.
  const std::uint32_t wide = format.bits == 8 ? raw << 8 : format.bits == 32 ? raw >> 16 : raw;
  return static_cast<std::int16_t>(format.is_signed ? wide : wide ^ 0x8000u);
}

void put_sample(const VoiceFormat& format, std::int16_t sample, std::uint8_t* at) {
  std::uint32_t raw = static_cast<std::uint16_t>(sample);
  if (format.is_float) {
    raw = std::bit_cast<std::uint32_t>(static_cast<float>(sample) / 32768);
  } else {
    if (!format.is_signed) raw ^= 0x8000u;
    raw = format.bits == 8 ? raw >> 8 : format.bits == 32 ? raw << 16 : raw;
  }
  store(at, sample_bytes(format), format.big_endian, raw);
}

}  // namespace

Result<void> check(const VoiceFormat& format) {
  const bool width = format.is_float ? format.bits == 32
                                     : format.bits == 8 || format.bits == 16 || format.bits == 32;
  if (!width) return fail(ErrorKind::unsupported, "sound of {} bits", format.bits);
  if (format.channels == 0 || format.channels > 16) {
    return fail(ErrorKind::malformed, "sound of {} channels", format.channels);
  }
  if (format.frequency < 1000 || format.frequency > channels::max_audio_frequency) {
    return fail(ErrorKind::malformed, "sound of {} Hz", format.frequency);
  }
  return {};
}

Samples to_stereo(const VoiceFormat& format, ByteView data) {
  const std::size_t one = sample_bytes(format), frame = one * format.channels;
  Samples out;
  out.reserve(data.size() / frame * 2);
  for (std::size_t at = 0; at + frame <= data.size(); at += frame) {
    const std::int16_t left = sample_of(format, data.data() + at);
    out.push_back(left);
    out.push_back(format.channels < 2 ? left : sample_of(format, data.data() + at + one));
  }
  return out;
}

Bytes from_stereo(const VoiceFormat& format, std::span<const std::int16_t> samples) {
  const std::size_t one = sample_bytes(format), frame = one * format.channels;
  Bytes out(samples.size() / 2 * frame);
  for (std::size_t i = 0; i < samples.size() / 2; ++i) {
    const std::int16_t left = samples[2 * i], right = samples[2 * i + 1];
    for (std::size_t channel = 0; channel < format.channels; ++channel) {
      std::int16_t sample = 0;  // rear and middle ones are silent
      if (format.channels == 1)
        sample = static_cast<std::int16_t>((left + right) / 2);
      else if (channel < 2)
        sample = channel == 0 ? left : right;
      put_sample(format, sample, out.data() + i * frame + channel * one);
    }
  }
  return out;
}

}  // namespace cassia::server::dbus
