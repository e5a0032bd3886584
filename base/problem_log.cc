// SPDX-License-Identifier: Apache-2.0
#include "base/problem_log.h"

#include "base/log.h"

namespace cassia {

void ProblemLog::report(std::string_view text) {
  const TimePoint now = clock_.now();
  if (in_window_ == 0 || now - window_began_ >= window) {
    tell_left_out();
    window_began_ = now;
    in_window_ = 0;
  }
  ++in_window_;
  if (in_window_ <= burst) log_error(component_, "{}", text);
  if (in_window_ == burst + 1) {
    log_error(component_, "further problems are counted, not told, for {} seconds",
              std::chrono::duration_cast<std::chrono::seconds>(window).count());
  }
}

void ProblemLog::tell_left_out() {
  if (in_window_ > burst) {
    log_error(component_, "{} more problems were not told", in_window_ - burst);
  }
}

}  // namespace cassia
