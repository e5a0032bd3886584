// SPDX-License-Identifier: Apache-2.0
#pragma once

// Counts the pictures that were committed, and the longest pause between two of them.

#include <algorithm>
#include <optional>

#include "base/clock.h"

namespace cassia::client {

class FrameMeter {
 public:
  void frame(TimePoint now) {
    ++count_;
    if (last_) longest_gap_ = std::max(longest_gap_, now - *last_);
    last_ = now;
  }
  std::uint64_t count() const { return count_; }
  Duration longest_gap() const { return longest_gap_; }

 private:
  std::uint64_t count_ = 0;
  std::optional<TimePoint> last_;
  Duration longest_gap_{};
};

}  // namespace cassia::client
