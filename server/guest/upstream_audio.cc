// SPDX-License-Identifier: Apache-2.0
#include "server/guest/upstream_audio.h"

#include "base/log.h"

namespace cassia::server {

using channels::AudioFormat;
using channels::AudioMode;
using channels::AudioVolume;
using spice::ChannelType;

std::unique_ptr<channels::Channel> UpstreamAudio::make_channel(ChannelType type) {
  if (type == ChannelType::playback) {
    events_.guest_can_play();
    return channels::PlaybackClient::create(*this, opus_);
  }
  if (type == ChannelType::record) {
    events_.guest_can_record();
    auto channel = channels::RecordClient::create(*this);
    record_ = channel.get();
    return channel;
  }
  return nullptr;
}

void UpstreamAudio::playback_start(const AudioFormat& format, AudioMode mode, std::uint32_t time) {
  if (!silent_) events_.guest_playback_start(format, mode, time);
}
void UpstreamAudio::playback_data(std::uint32_t time, ByteView data) {
  if (!silent_) events_.guest_playback_data(time, SharedBytes(to_bytes(data)));
}
void UpstreamAudio::playback_stop() {
  if (!silent_) events_.guest_playback_stop();
}
void UpstreamAudio::playback_volume(const AudioVolume& volume) {
  if (!silent_) events_.guest_playback_volume(volume);
}
void UpstreamAudio::playback_latency(std::uint32_t milliseconds) {
  if (!silent_) events_.guest_playback_latency(milliseconds);
}

void UpstreamAudio::record_start(const AudioFormat& format) {
  record_format_ = format;
  decoder_.reset();
  if (!silent_) events_.guest_record_start(format);
}
void UpstreamAudio::record_stop() {
  if (!silent_) events_.guest_record_stop();
}
void UpstreamAudio::record_volume(const AudioVolume& volume) {
  if (!silent_) events_.guest_record_volume(volume);
}

void UpstreamAudio::record_data(AudioMode mode, std::uint32_t time, SharedBytes packet) {
  if (!record_ || !record_->link()) return;
  if (mode == AudioMode::raw || record_->can(mode)) {
    record_->send_data(mode, time, std::move(packet));
    return;
  }
  if (!decoder_) {
    auto made = channels::AudioDecoder::create(mode, record_format_);
    if (!made) return log_debug("upstream", "{}", made.error().message());
    decoder_ = std::move(*made);
  }
  auto samples = decoder_->decode(packet.view());
  record_->send_data(AudioMode::raw, time,
                     channels::wire_of(samples ? *samples : decoder_->conceal()));
}

}  // namespace cassia::server
