// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a peer does wrong, as error lines of the log, and never a flood of them: a peer that means
// harm, or is badly broken, does it thousands of times a second.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace cassia {

/// One thread. Of the problems within `window` the first `burst` get a line each; the rest are
/// counted, and their number gets a line once the window is over and when the log ends.
class ProblemLog {
 public:
  static constexpr std::uint64_t burst = 16;
  static constexpr Duration window = std::chrono::seconds(10);

  /// `component` as in log.h. `clock` must outlive it.
  ProblemLog(std::string component, const Clock& clock)
      : component_(std::move(component)), clock_(clock) {}
  ~ProblemLog() { tell_left_out(); }
  ProblemLog(const ProblemLog&) = delete;
  ProblemLog& operator=(const ProblemLog&) = delete;

  void report(std::string_view text);

 private:
  void tell_left_out();

  const std::string component_;
  const Clock& clock_;
  TimePoint window_began_{};
  std::uint64_t in_window_ = 0;
};

}  // namespace cassia
