// SPDX-License-Identifier: Apache-2.0
#include "client/session/event_queue.h"

namespace cassia::client {

bool EventQueue::push(SessionEvent event, std::size_t cost) {
  bool was_empty = false;
  bool full = false;
  {
    const std::lock_guard lock(mutex_);
    was_empty = events_.empty();
    events_.push_back(std::move(event));
    bytes_ += cost;
    full_ = full_ || events_.size() >= limits_.events || bytes_ >= limits_.bytes;
    full = full_;
  }
  if (was_empty) {
    arrived_.notify_one();
    if (wake_) wake_();
  }
  return !full;
}

std::deque<SessionEvent> EventQueue::take() {
  std::deque<SessionEvent> taken;
  bool was_full = false;
  {
    const std::lock_guard lock(mutex_);
    taken.swap(events_);
    bytes_ = 0;
    was_full = std::exchange(full_, false);
  }
  if (was_full && drained_) drained_();
  return taken;
}

bool EventQueue::wait_until(TimePoint deadline) {
  std::unique_lock lock(mutex_);
  const auto something = [this] { return !events_.empty(); };
  if (deadline == TimePoint::max()) {
    arrived_.wait(lock, something);
    return true;
  }
  return arrived_.wait_until(lock, deadline, something);
}

std::size_t cost_of(const raster::DrawOp& op) {
  std::size_t bytes = sizeof(raster::DrawOp);
  raster::for_each_image(op.operation, [&](const raster::ImageRef& image) {
    if (const raster::Bitmap* bitmap = image.bitmap()) bytes += bitmap->byte_size();
  });
  return bytes;
}

}  // namespace cassia::client
