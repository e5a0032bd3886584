// SPDX-License-Identifier: Apache-2.0
#include "server/gateway/playback_hub.h"

#include "base/log.h"

namespace cassia::server {

using channels::AudioMode;

namespace {

AudioMode other(AudioMode mode) {
  return mode == AudioMode::raw ? AudioMode::opus : AudioMode::raw;
}

}  // namespace

std::unique_ptr<channels::Channel> PlaybackViewer::make_channel() {
  auto channel = channels::PlaybackServer::create(*this);
  channel_ = channel.get();
  return channel;
}

void PlaybackHub::start(const channels::AudioFormat& format, AudioMode mode, std::uint32_t time) {
  stream_ = Stream{format, mode, time};
  decoder_.reset();
  encoder_.reset();
  for (PlaybackViewer* viewer : viewers_) start_viewer(*viewer);
}

void PlaybackHub::start_viewer(PlaybackViewer& viewer) {
  const bool opus = viewer.channel_->can(AudioMode::opus) && opus_capable(stream_->format) &&
                    (compression_ || stream_->mode == AudioMode::opus);
  viewer.mode_ = opus ? AudioMode::opus : AudioMode::raw;
  viewer.channel_->start(stream_->format, viewer.mode_, stream_->time);
}

void PlaybackHub::stop() {
  stream_.reset();
  for (PlaybackViewer* viewer : viewers_) viewer->channel_->stop();
}

void PlaybackHub::reset() {
  stop();
  volume_.reset();
  latency_.reset();
}

void PlaybackHub::volume(const channels::AudioVolume& volume) {
  volume_ = volume;
  for (PlaybackViewer* viewer : viewers_) viewer->channel_->send_volume(volume);
}

void PlaybackHub::latency(std::uint32_t milliseconds) {
  latency_ = milliseconds;
  for (PlaybackViewer* viewer : viewers_) viewer->channel_->send_latency(milliseconds);
}

void PlaybackHub::add(PlaybackViewer* viewer) {
  viewers_.insert(viewer);
  if (volume_) viewer->channel_->send_volume(*volume_);
  if (latency_) viewer->channel_->send_latency(*latency_);
  if (stream_) start_viewer(*viewer);
}

bool PlaybackHub::any_wants(AudioMode mode) const {
  for (const PlaybackViewer* viewer : viewers_) {
    if (viewer->mode_ == mode) return true;
  }
  return false;
}

void PlaybackHub::data(std::uint32_t time, const SharedBytes& packet) {
  if (!stream_) return;
  stream_->time = time;
  const Packets others = recoded(time, packet);
  for (PlaybackViewer* viewer : viewers_) {
    if (viewer->mode_ == stream_->mode) {
      viewer->channel_->send_data(time, packet);
      continue;
    }
    for (const auto& one : others) viewer->channel_->send_data(one.time, one.data);
  }
}

/// The packet in the other codec, if any viewer wants that.
PlaybackHub::Packets PlaybackHub::recoded(std::uint32_t time, const SharedBytes& packet) {
  if (!any_wants(other(stream_->mode))) {
    decoder_.reset();
    encoder_.reset();
    return {};
  }
  if (!decoder_) {
    auto decoder = channels::AudioDecoder::create(stream_->mode, stream_->format);
    auto encoder = channels::AudioEncoder::create(other(stream_->mode), stream_->format);
    if (!decoder || !encoder) {
      log_debug("audio", "{}", (decoder ? encoder.error() : decoder.error()).message());
      return {};
    }
    decoder_ = std::move(*decoder);
    encoder_ = std::move(*encoder);
  }
  auto samples = decoder_->decode(packet.view());
  auto packets = encoder_->encode(samples ? *samples : decoder_->conceal(), time);
  if (!packets) {
    log_debug("audio", "{}", packets.error().message());
    return {};
  }
  return std::move(*packets);
}

}  // namespace cassia::server
