// SPDX-License-Identifier: Apache-2.0
#include "server/gateway/record_hub.h"

#include <algorithm>

#include "base/log.h"

namespace cassia::server {

std::unique_ptr<channels::Channel> RecordViewer::make_channel() {
  auto channel = channels::RecordServer::create(*this);
  channel_ = channel.get();
  return channel;
}

void RecordViewer::record_data(channels::AudioMode mode, std::uint32_t time, ByteView data) {
  if (hub_.owner_ == this) hub_.listener_(mode, time, data);
}

void RecordHub::start(const channels::AudioFormat& format) {
  format_ = format;
  if (owner_) owner_->channel_->start(format);
}

void RecordHub::stop() {
  format_.reset();
  if (owner_) owner_->channel_->stop();
}

void RecordHub::reset() {
  stop();
  volume_.reset();
}

void RecordHub::volume(const channels::AudioVolume& volume) {
  volume_ = volume;
  for (RecordViewer* viewer : viewers_) viewer->channel_->send_volume(volume);
}

void RecordHub::add(RecordViewer* viewer) {
  viewers_.push_back(viewer);
  if (volume_) viewer->channel_->send_volume(*volume_);
  choose_owner();
}

void RecordHub::remove(RecordViewer* viewer) {
  std::erase(viewers_, viewer);
  if (owner_ == viewer) owner_ = nullptr;
  choose_owner();
}

void RecordHub::choose_owner() {
  const auto last = std::find_if(viewers_.rbegin(), viewers_.rend(),
                                 [](const RecordViewer* viewer) { return viewer->may_record_; });
  RecordViewer* next = last == viewers_.rend() ? nullptr : *last;
  if (next == owner_) return;
  if (owner_) owner_->channel_->stop();
  owner_ = next;
  if (!owner_) return;
  log_debug("audio", "the guest hears the microphone of {}", owner_->name_);
  if (format_) owner_->channel_->start(*format_);
}

}  // namespace cassia::server
