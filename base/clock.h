// SPDX-License-Identifier: Apache-2.0
#pragma once

// Time is handed in: protocol code takes a TimePoint, programs read one from a Clock, tests turn a
// ManualClock by hand.

#include <chrono>

namespace cassia {

using TimePoint = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
};

/// The machine's monotonic clock.
class SteadyClock final : public Clock {
 public:
  TimePoint now() const override;
};

/// A clock that moves only when told to.
class ManualClock final : public Clock {
 public:
  TimePoint now() const override { return now_; }
  void advance(Duration step) { now_ += step; }

 private:
  TimePoint now_{};
};

/// CPU time of the calling thread, for statistics.
std::chrono::nanoseconds thread_cpu_time();

}  // namespace cassia
