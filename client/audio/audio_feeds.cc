// SPDX-License-Identifier: Apache-2.0
#include "client/audio/audio_feeds.h"

#include "base/log.h"

namespace cassia::client {

using channels::AudioFormat;
using channels::AudioMode;

void PlaybackFeed::playback_start(const AudioFormat& format, AudioMode mode, std::uint32_t) {
  auto decoder = channels::AudioDecoder::create(mode, format);
  if (!decoder) {
    log_warn("audio", "this sound cannot be played: {}", decoder.error().message());
    decoder_.reset();
    return;
  }
  log_debug("audio", "playing {} channels at {} Hz, {}", format.channels, format.frequency,
            channels::to_string(mode));
  decoder_ = std::move(*decoder);
  codec_ = channels::to_string(mode);
  sink_.start(format);
}

void PlaybackFeed::playback_data(std::uint32_t time, ByteView data) {
  if (!decoder_) return;
  auto samples = decoder_->decode(data);
  if (!samples && broken_++ == 0) log_warn("audio", "{}", samples.error().message());
  sink_.play(time, samples ? std::move(*samples) : decoder_->conceal());
}

void PlaybackFeed::playback_stop() {
  if (decoder_) sink_.stop();
  decoder_.reset();
}

PlaybackStatistics PlaybackFeed::statistics() const {
  PlaybackStatistics s = sink_.statistics();
  s.codec = codec_;
  s.broken_packets = broken_;
  return s;
}

std::optional<std::uint32_t> PlaybackFeed::delay() const {
  if (!decoder_) return std::nullopt;
  return sink_.statistics().latency_ms;
}

std::unique_ptr<channels::Channel> RecordFeed::make_channel() {
  auto channel = channels::RecordClient::create(*this);
  channel_ = channel.get();
  return channel;
}

void RecordFeed::record_start(const AudioFormat& format) {
  source_.stop();
  ++recording_;
  format_ = format;
  const bool opus = channel_->can(AudioMode::opus) && opus_capable(format);
  mode_ = opus ? AudioMode::opus : AudioMode::raw;
  auto encoder = channels::AudioEncoder::create(mode_, format);
  if (!encoder) return log_warn("audio", "{}", encoder.error().message());
  encoder_ = std::move(*encoder);
  statistics_.codec = channels::to_string(mode_);
  const auto take = [weak = weak_from_this(), post = post_,
                     recording = recording_](std::span<const std::int16_t> samples) {
    post([weak, recording, copy = channels::Samples(samples.begin(), samples.end())]() mutable {
      if (const auto self = weak.lock()) self->heard(recording, std::move(copy));
    });
  };
  // Without a microphone the guest hears nothing; the session goes on.
  if (const auto started = source_.start(format, take); !started) {
    log_warn("audio", "{}", started.error().message());
  }
}

void RecordFeed::heard(std::uint64_t recording, channels::Samples samples) {
  if (recording != recording_ || !encoder_ || !channel_) return;
  apply_volume(samples, format_.channels, volume_);
  const auto now =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now().time_since_epoch());
  const auto packets = encoder_->encode(samples, static_cast<std::uint32_t>(now.count()));
  if (!packets) return log_warn("audio", "{}", packets.error().message());
  for (const auto& packet : *packets) {
    const bool sent = channel_->send_data(mode_, packet.time, packet.data);
    ++(sent ? statistics_.packets_sent : statistics_.packets_dropped);
  }
}

void RecordFeed::record_stop() {
  source_.stop();
  ++recording_;
  encoder_.reset();
}

void RecordFeed::end() {
  record_stop();
  channel_ = nullptr;
}

}  // namespace cassia::client
