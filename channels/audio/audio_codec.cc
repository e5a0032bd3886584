// SPDX-License-Identifier: Apache-2.0
#include "channels/audio/audio_codec.h"

#include <opus.h>

#include <algorithm>

namespace cassia::channels {
namespace {

constexpr std::size_t max_opus_packet = 480;  // the peers' buffers
constexpr std::uint32_t usual_frames = 480;

struct Free {
  void operator()(OpusEncoder* encoder) const { opus_encoder_destroy(encoder); }
  void operator()(OpusDecoder* decoder) const { opus_decoder_destroy(decoder); }
};

tl::unexpected<Error> opus_error(int code, ErrorKind kind, const char* what) {
  return fail(kind, "{}: {}", what, opus_strerror(code));
}

tl::unexpected<Error> not_for_opus(const AudioFormat& format) {
  return fail(ErrorKind::unsupported, "Opus cannot carry {} channels at {} Hz", format.channels,
              format.frequency);
}

/// Cuts samples into packets of one length and keeps their times.
class Encoder : public AudioEncoder {
 public:
  explicit Encoder(const AudioFormat& format)
      : format_(format), packet_samples_(frames_per_packet(format) * format.channels) {}

  Result<std::vector<Packet>> encode(std::span<const std::int16_t> samples,
                                     std::uint32_t time) override {
    const std::size_t waited = waiting_.size() / format_.channels;
    const auto waited_ms = static_cast<std::uint32_t>(waited * 1000 / format_.frequency);
    waiting_.insert(waiting_.end(), samples.begin(), samples.end());
    std::vector<Packet> packets;
    std::size_t done = 0;
    for (; waiting_.size() - done >= packet_samples_; done += packet_samples_) {
      const auto offset_ms =
          static_cast<std::uint32_t>(done / format_.channels * 1000 / format_.frequency);
      const std::span<const std::int16_t> frame(waiting_.data() + done, packet_samples_);
      packets.push_back({time - waited_ms + offset_ms, CASSIA_TRY(pack(frame))});
    }
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<long>(done));
    return packets;
  }
  void reset() override { waiting_.clear(); }

 private:
  virtual Result<SharedBytes> pack(std::span<const std::int16_t> frame) = 0;

  const AudioFormat format_;
  const std::size_t packet_samples_;
  Samples waiting_;
};

class RawEncoder final : public Encoder {
 public:
  using Encoder::Encoder;

 private:
  Result<SharedBytes> pack(std::span<const std::int16_t> frame) override {
    return SharedBytes(wire_of(frame));
  }
};

class OpusPacker final : public Encoder {
 public:
  OpusPacker(const AudioFormat& format, std::unique_ptr<OpusEncoder, Free> encoder)
      : Encoder(format), channels_(format.channels), encoder_(std::move(encoder)) {}

 private:
  Result<SharedBytes> pack(std::span<const std::int16_t> frame) override {
    Bytes packet(max_opus_packet);
    const int size =
        opus_encode(encoder_.get(), frame.data(), static_cast<int>(frame.size() / channels_),
                    packet.data(), static_cast<opus_int32>(packet.size()));
    if (size < 0) return opus_error(size, ErrorKind::internal, "sound not encoded");
    packet.resize(static_cast<std::size_t>(size));
    return SharedBytes(std::move(packet));
  }

  std::size_t channels_;
  std::unique_ptr<OpusEncoder, Free> encoder_;
};

class RawDecoder final : public AudioDecoder {
 public:
  explicit RawDecoder(const AudioFormat& format) : frame_(format.frame_bytes()) {}
  Result<Samples> decode(ByteView data) override {
    Samples out = samples_of(data.first(data.size() / frame_ * frame_));
    last_ = out.size();
    return out;
  }
  Samples conceal() override { return Samples(last_, 0); }

 private:
  std::size_t frame_;
  std::size_t last_ = 0;
};

class OpusUnpacker final : public AudioDecoder {
 public:
  OpusUnpacker(const AudioFormat& format, std::unique_ptr<OpusDecoder, Free> decoder)
      : channels_(format.channels),
        longest_(format.frequency / 1000 * 120),
        last_(frames_per_packet(format)),
        decoder_(std::move(decoder)) {}

  Result<Samples> decode(ByteView data) override {
    // To libopus an empty packet is a lost one.
    if (data.empty()) return fail(ErrorKind::malformed, "an empty Opus packet");
    if (data.size() > max_audio_data) {
      return fail(ErrorKind::malformed, "an Opus packet of {} bytes", data.size());
    }
    Samples out(std::size_t{longest_} * channels_);
    const int frames = opus_decode(decoder_.get(), data.data(), static_cast<int>(data.size()),
                                   out.data(), static_cast<int>(longest_), 0);
    if (frames < 0) return opus_error(frames, ErrorKind::malformed, "not an Opus packet");
    last_ = static_cast<std::uint32_t>(frames);
    out.resize(std::size_t{last_} * channels_);
    return out;
  }
  Samples conceal() override {
    Samples out(std::size_t{last_} * channels_);
    const int frames =
        opus_decode(decoder_.get(), nullptr, 0, out.data(), static_cast<int>(last_), 0);
    if (frames < 0) std::fill(out.begin(), out.end(), std::int16_t{0});
    return out;
  }

 private:
  std::size_t channels_;
  std::uint32_t longest_;
  std::uint32_t last_;
  std::unique_ptr<OpusDecoder, Free> decoder_;
};

}  // namespace

bool opus_capable(const AudioFormat& format) {
  const std::uint32_t f = format.frequency;
  const bool rate = f == 8000 || f == 12000 || f == 16000 || f == 24000 || f == 48000;
  return rate && format.channels == 2;
}

std::uint32_t frames_per_packet(const AudioFormat& format) {
  return format.frequency == 16000 ? 320 : usual_frames;
}

Result<std::unique_ptr<AudioEncoder>> AudioEncoder::create(AudioMode mode,
                                                           const AudioFormat& format) {
  if (mode == AudioMode::raw) {
    return std::unique_ptr<AudioEncoder>(std::make_unique<RawEncoder>(format));
  }
  if (!opus_capable(format)) return not_for_opus(format);
  int code = 0;
  std::unique_ptr<OpusEncoder, Free> encoder(
      opus_encoder_create(static_cast<opus_int32>(format.frequency),
                          static_cast<int>(format.channels), OPUS_APPLICATION_AUDIO, &code));
  if (!encoder) return opus_error(code, ErrorKind::internal, "no Opus encoder");
  return std::unique_ptr<AudioEncoder>(std::make_unique<OpusPacker>(format, std::move(encoder)));
}

Result<std::unique_ptr<AudioDecoder>> AudioDecoder::create(AudioMode mode,
                                                           const AudioFormat& format) {
  if (mode == AudioMode::raw) {
    return std::unique_ptr<AudioDecoder>(std::make_unique<RawDecoder>(format));
  }
  if (!opus_capable(format)) return not_for_opus(format);
  int code = 0;
  std::unique_ptr<OpusDecoder, Free> decoder(opus_decoder_create(
      static_cast<opus_int32>(format.frequency), static_cast<int>(format.channels), &code));
  if (!decoder) return opus_error(code, ErrorKind::internal, "no Opus decoder");
  return std::unique_ptr<AudioDecoder>(std::make_unique<OpusUnpacker>(format, std::move(decoder)));
}

}  // namespace cassia::channels
