// SPDX-License-Identifier: Apache-2.0
#pragma once

// Client side: measures one video stream and says when a STREAM_REPORT is due, as the server asked
// with STREAM_ACTIVATE_REPORT. libspice-server steers its bit rate and its latency by them.

#include <optional>

#include "base/clock.h"
#include "channels/display/display_types.h"

namespace cassia::channels {

class StreamReporter {
 public:
  /// Frames dropped one after the other that are reported at once.
  static constexpr std::uint32_t drops_in_a_row = 3;

  void activate(const StreamReportRequest& request);
  bool active() const { return request_.has_value(); }

  /// A frame has come, due at `time` in `margin` milliseconds (below 0: too late, it counts as
  /// dropped). `audio_delay`: how far sound lags behind; 0xffffffff: none plays.
  std::optional<StreamReport> frame(std::uint32_t time, std::int32_t margin,
                                    std::uint32_t audio_delay, TimePoint now);

  /// Frames that frame() was told of were left out later on; the next report has them.
  void add_drops(std::uint32_t count) { owed_ += count; }

 private:
  void begin() {
    report_ = {};
    in_a_row_ = 0;
  }

  std::optional<StreamReportRequest> request_;
  StreamReport report_;
  TimePoint began_{};
  std::uint32_t in_a_row_ = 0;
  std::uint32_t owed_ = 0;  ///< of add_drops(), not yet in a report
};

}  // namespace cassia::channels
