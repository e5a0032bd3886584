// SPDX-License-Identifier: Apache-2.0
#include "channels/audio/wav.h"

#include <algorithm>
#include <optional>

#include "protocol/wire/reader.h"
#include "protocol/wire/writer.h"

namespace cassia::channels {
namespace {

constexpr std::uint16_t pcm = 1, extensible = 0xfffe;

bool is(ByteView tag, std::string_view text) { return as_text(tag) == text; }

Result<AudioFormat> parse_format_chunk(ByteView chunk) {
  wire::Reader reader(chunk);
  const std::uint16_t coding = reader.u16();
  const std::uint32_t channels = reader.u16();
  const std::uint32_t frequency = reader.u32();
  reader.skip(6);
  const std::uint16_t bits = reader.u16();
  if (!reader.ok()) return fail(ErrorKind::malformed, "the WAV file's format is cut off");
  if ((coding != pcm && coding != extensible) || bits != 16) {
    return fail(ErrorKind::unsupported, "the WAV file has coding {} of {} bits; 16-bit PCM needed",
                coding, bits);
  }
  constexpr std::uint16_t s16 = 1;  // SPICE_AUDIO_FMT_S16
  return audio_format(channels, s16, frequency);
}

}  // namespace

Result<Wav> parse_wav(ByteView file) {
  wire::Reader reader(file);
  const ByteView riff = reader.bytes(4);
  reader.skip(4);
  const ByteView wave = reader.bytes(4);
  if (!is(riff, "RIFF") || !is(wave, "WAVE")) {
    return fail(ErrorKind::malformed, "not a WAV file");
  }
  std::optional<AudioFormat> format;
  while (reader.remaining() >= 8) {
    const ByteView tag = reader.bytes(4);
    const std::uint32_t stated = reader.u32();
    // A writer that was interrupted leaves a size that does not fit: take what is there.
    const std::size_t size = std::min<std::size_t>(stated, reader.remaining());
    const ByteView chunk = reader.bytes(size);
    if (is(tag, "fmt ")) format = CASSIA_TRY(parse_format_chunk(chunk));
    if (is(tag, "data")) {
      if (!format) return fail(ErrorKind::malformed, "the WAV file states no format");
      const std::size_t frame = format->frame_bytes();
      return Wav{*format, samples_of(chunk.first(size / frame * frame))};
    }
    reader.skip(std::min<std::size_t>(stated & 1, reader.remaining()));
  }
  return fail(ErrorKind::malformed, "the WAV file has no samples");
}

Bytes wav_header(const AudioFormat& format, std::uint32_t data_bytes) {
  wire::Writer writer;
  const auto frame = static_cast<std::uint32_t>(format.frame_bytes());
  writer.bytes(as_bytes("RIFF"));
  writer.u32(data_bytes + 36);
  writer.bytes(as_bytes("WAVEfmt "));
  writer.u32(16);
  writer.u16(pcm);
  writer.u16(static_cast<std::uint16_t>(format.channels));
  writer.u32(format.frequency);
  writer.u32(format.frequency * frame);
  writer.u16(static_cast<std::uint16_t>(frame));
  writer.u16(16);
  writer.bytes(as_bytes("data"));
  writer.u32(data_bytes);
  return writer.take();
}

Samples converted(const Wav& from, const AudioFormat& to) {
  if (from.format == to) return from.samples;
  const std::size_t in_channels = from.format.channels;
  const std::size_t in_frames = from.samples.size() / in_channels;
  if (in_frames == 0) return {};
  const std::uint64_t out_frames = std::uint64_t{in_frames} * to.frequency / from.format.frequency;
  Samples out;
  out.reserve(out_frames * to.channels);
  for (std::uint64_t i = 0; i < out_frames; ++i) {
    const std::uint64_t at = i * from.format.frequency;
    const std::uint64_t index = at / to.frequency;
    const auto part = static_cast<std::int64_t>(at % to.frequency);
    const std::uint64_t next = std::min<std::uint64_t>(index + 1, in_frames - 1);
    for (std::size_t c = 0; c < to.channels; ++c) {
      const std::size_t channel = std::min(c, in_channels - 1);
      const std::int64_t a = from.samples[index * in_channels + channel];
      const std::int64_t b = from.samples[next * in_channels + channel];
      out.push_back(static_cast<std::int16_t>(a + (b - a) * part / to.frequency));
    }
  }
  return out;
}

}  // namespace cassia::channels
