// SPDX-License-Identifier: Apache-2.0
#include "storage/block/progress.h"

#include <algorithm>

namespace cassia::storage {

double Progress::fraction() const {
  const std::uint64_t whole = total();
  if (whole == 0) return 0.0;
  return std::min(1.0, static_cast<double>(done()) / static_cast<double>(whole));
}

void Progress::cancel() {
  flags_.fetch_or(kCanceled);
  flags_.notify_all();
}

void Progress::pause() { flags_.fetch_or(kPaused); }

void Progress::resume() {
  flags_.fetch_and(~kPaused);
  flags_.notify_all();
}

Result<void> Progress::advance(std::uint64_t units) {
  done_.fetch_add(units, std::memory_order_relaxed);
  unsigned flags = flags_.load();
  while (flags == kPaused) {
    flags_.wait(flags);
    flags = flags_.load();
  }
  if ((flags & kCanceled) != 0) return fail(ErrorKind::canceled, "canceled");
  return {};
}

}  // namespace cassia::storage
