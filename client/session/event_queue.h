// SPDX-License-Identifier: Apache-2.0
#pragma once

// The one way from the network thread to the main thread: ordered, and bounded by making the
// network thread stop reading, never by losing or reordering an event.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

#include "base/clock.h"
#include "client/session/events.h"

namespace cassia::client {

/// Thread-safe.
class EventQueue {
 public:
  struct Limits {
    std::size_t events = 8192;
    std::size_t bytes = std::size_t{64} << 20;
  };

  /// `wake` is called by push() when the queue was empty, on the pushing thread. It must not block.
  explicit EventQueue(Limits limits, std::function<void()> wake = {})
      : limits_(limits), wake_(std::move(wake)) {}

  /// `cost`: bytes of pixels that the event holds. Always takes the event; false asks the caller to
  /// read no more until the `drained` callback has come.
  bool push(SessionEvent event, std::size_t cost = 0);

  /// Everything that waits, oldest first. Main thread.
  std::deque<SessionEvent> take();

  /// Blocks the main thread until something waits (true) or `deadline` has passed.
  bool wait_until(TimePoint deadline);

  bool waiting() const {
    const std::lock_guard lock(mutex_);
    return !events_.empty();
  }

  /// Called by take() on the main thread after a push() was answered with false. Set before use.
  void set_drained(std::function<void()> drained) { drained_ = std::move(drained); }

 private:
  const Limits limits_;
  const std::function<void()> wake_;
  std::function<void()> drained_;
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<SessionEvent> events_;
  std::size_t bytes_ = 0;
  bool full_ = false;
};

/// Bytes of the pictures that a draw holds, for EventQueue::push().
std::size_t cost_of(const raster::DrawOp& op);

}  // namespace cassia::client
