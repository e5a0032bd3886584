// SPDX-License-Identifier: Apache-2.0
#pragma once

// A VM's sound: what the guest says goes to the hubs of playback and recording.

#include "protocol/spice/channel_id.h"
#include "server/gateway/playback_hub.h"
#include "server/gateway/record_hub.h"
#include "server/guest/guest_audio.h"

namespace cassia::server {

class AudioHub final : public GuestAudioEvents {
 public:
  explicit AudioHub(RecordHub::Listener listener) : record_(std::move(listener)) {}

  PlaybackHub& playback() { return playback_; }
  RecordHub& record() { return record_; }
  /// Adds the sound channels that the guest has to a session's list.
  void list_channels(std::vector<spice::ChannelId>& list) const {
    if (can_play_) list.push_back({spice::ChannelType::playback, 0});
    if (can_record_) list.push_back({spice::ChannelType::record, 0});
  }
  /// The guest is away.
  void guest_gone() {
    playback_.reset();
    record_.reset();
  }

 private:
  void guest_can_play() override { can_play_ = true; }
  void guest_can_record() override { can_record_ = true; }
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

  PlaybackHub playback_;
  RecordHub record_;
  bool can_play_ = false;
  bool can_record_ = false;
};

}  // namespace cassia::server
