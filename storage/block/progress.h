// SPDX-License-Identifier: Apache-2.0
#pragma once

// How far a long operation is, and the way to stop it. The operation runs on one thread and calls
// advance() between pieces of work; any other thread reads done()/total() and may cancel or pause.

#include <atomic>
#include <cstdint>

#include "base/result.h"

namespace cassia::storage {

class Progress {
 public:
  Progress() = default;
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // For the watcher. Any thread; cancel() is also safe in a signal handler.
  std::uint64_t done() const { return done_.load(std::memory_order_relaxed); }
  std::uint64_t total() const { return total_.load(std::memory_order_relaxed); }
  /// 0 to 1; 0 while the total is not known.
  double fraction() const;
  void cancel();
  void pause();
  void resume();
  bool paused() const { return (flags_.load(std::memory_order_relaxed) & kPaused) != 0; }
  bool canceled() const { return (flags_.load(std::memory_order_relaxed) & kCanceled) != 0; }

  // For the operation. Units are its own choice, bytes in most.
  void set_total(std::uint64_t total) { total_.store(total, std::memory_order_relaxed); }
  /// Counts `units` as done, waits while paused, and fails with ErrorKind::canceled once canceled.
  Result<void> advance(std::uint64_t units);

 private:
  static constexpr unsigned kCanceled = 1;
  static constexpr unsigned kPaused = 2;
  std::atomic<std::uint64_t> done_{0};
  std::atomic<std::uint64_t> total_{0};
  std::atomic<unsigned> flags_{0};
};

}  // namespace cassia::storage
