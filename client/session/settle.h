// SPDX-License-Identifier: Apache-2.0
#pragma once

// When a picture counts as settled: a complete one, and no display message for a while.

#include <optional>

#include "base/clock.h"

namespace cassia::client {

class SettleTracker {
 public:
  /// `quiet`: how long nothing must come.
  explicit SettleTracker(Duration quiet) : quiet_(quiet) {}

  /// A display event came at `now`; `complete` as Screen says after it.
  void changed(TimePoint now, bool complete) {
    last_ = now;
    complete_ = complete;
  }
  /// Something was done that the guest will react to (a key): quiet counts from here.
  void acted(TimePoint now) { last_ = now; }

  bool settled(TimePoint now) const { return complete_ && now - last_ >= quiet_; }
  /// When it settles if nothing comes; nothing while the picture is not complete.
  std::optional<TimePoint> settles_at() const {
    if (!complete_) return std::nullopt;
    return last_ + quiet_;
  }

 private:
  Duration quiet_;
  TimePoint last_{};
  bool complete_ = false;
};

}  // namespace cassia::client
