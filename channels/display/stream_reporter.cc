// SPDX-License-Identifier: Apache-2.0
#include "channels/display/stream_reporter.h"

#include <algorithm>

namespace cassia::channels {

void StreamReporter::activate(const StreamReportRequest& request) {
  request_ = request;
  begin();
}

std::optional<StreamReport> StreamReporter::frame(std::uint32_t time, std::int32_t margin,
                                                  std::uint32_t audio_delay, TimePoint now) {
  if (!request_) return std::nullopt;
  if (report_.frames == 0) {
    report_.start_time = time;
    began_ = now;
  }
  ++report_.frames;
  if (margin < 0) ++report_.drops;
  // Never more than the frames that the report counts.
  const std::uint32_t later = std::min(owed_, report_.frames - report_.drops);
  report_.drops += later;
  owed_ -= later;
  const std::uint32_t dropped = later + (margin < 0 ? 1 : 0);
  in_a_row_ = dropped == 0 ? 0 : in_a_row_ + dropped;
  const bool due = report_.frames >= request_->max_window ||
                   now - began_ >= std::chrono::milliseconds(request_->timeout_ms) ||
                   in_a_row_ >= drops_in_a_row;
  if (!due) return std::nullopt;
  StreamReport out = report_;
  out.stream = request_->stream;
  out.unique_id = request_->unique_id;
  out.end_time = time;
  out.last_frame_delay = margin;
  out.audio_delay = audio_delay;
  begin();
  return out;
}

}  // namespace cassia::channels
