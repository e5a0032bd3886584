// SPDX-License-Identifier: Apache-2.0
#pragma once

// Multi-media time: the server's milliseconds, by which video frames and sound say when they are
// due. The main channel hears of it now and then; in between our own clock goes on.

#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace cassia::channels {

/// One thread: the session's.
class MediaClock {
 public:
  /// SPICE_MSG_MAIN_INIT, SPICE_MSG_MAIN_MULTI_MEDIA_TIME. 0 says nothing.
  void set(std::uint32_t time, TimePoint now) {
    if (time != 0) anchor_ = Anchor{time, now};
  }
  /// Nothing before the server has said it. Wraps like the server's.
  std::optional<std::uint32_t> at(TimePoint now) const {
    if (!anchor_) return std::nullopt;
    const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(now - anchor_->when);
    return anchor_->time + static_cast<std::uint32_t>(passed.count());
  }

 private:
  struct Anchor {
    std::uint32_t time;
    TimePoint when;
  };
  std::optional<Anchor> anchor_;
};

}  // namespace cassia::channels
