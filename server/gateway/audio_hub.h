// SPDX-License-Identifier: Apache-2.0
#pragma once

// A VM's sound: what the guest says goes to the hubs of playback and recording.

#include <algorithm>

#include "protocol/spice/channel_id.h"
#include "server/gateway/playback_hub.h"
#include "server/gateway/record_hub.h"
#include "server/guest/guest_audio.h"

namespace cassia::server {

class AudioHub final : public GuestAudioEvents {
 public:
  /// `appeared` is told of a sound channel that the guest did not have before.
  AudioHub(RecordHub::Listener listener, std::function<void(spice::ChannelId)> appeared)
      : appeared_(std::move(appeared)), record_(std::move(listener)) {}

  PlaybackHub& playback() { return playback_; }
  RecordHub& record() { return record_; }
  /// The sound channels that the guest has, or once had.
  const std::vector<spice::ChannelId>& channels() const { return channels_; }
  /// The guest is away.
  void guest_gone() {
    playback_.reset();
    record_.reset();
  }

 private:
  void guest_can_play() override { add({spice::ChannelType::playback, 0}); }
  void guest_can_record() override { add({spice::ChannelType::record, 0}); }
  void guest_playback_start(const channels::AudioFormat& format, channels::AudioMode mode,
                            std::uint32_t time) override {
    playback_.start(format, mode, time);
  }
  void guest_playback_data(std::uint32_t time, SharedBytes packet) override {
    playback_.data(time, packet);
  }
  void guest_playback_stop() override { playback_.stop(); }
  void guest_playback_volume(const channels::AudioVolume& volume) override {
    playback_.volume(volume);
  }
  void guest_playback_latency(std::uint32_t milliseconds) override {
    playback_.latency(milliseconds);
  }
  void guest_record_start(const channels::AudioFormat& format) override { record_.start(format); }
  void guest_record_stop() override { record_.stop(); }
  void guest_record_volume(const channels::AudioVolume& volume) override { record_.volume(volume); }

  void add(spice::ChannelId id) {
    if (std::find(channels_.begin(), channels_.end(), id) != channels_.end()) return;
    channels_.push_back(id);
    appeared_(id);
  }

  const std::function<void(spice::ChannelId)> appeared_;
  PlaybackHub playback_;
  RecordHub record_;
  std::vector<spice::ChannelId> channels_;
};

}  // namespace cassia::server
