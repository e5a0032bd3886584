// SPDX-License-Identifier: Apache-2.0
#pragma once

// The JSON of --stats. docs/man/cassia-viewer.1 describes its members.

#include <string>

#include "client/app/frame_meter.h"
#include "client/session/screen.h"
#include "client/session/statistics.h"

namespace cassia::client {

struct ViewerStatistics {
  SessionStatistics session;
  std::string renderer;
  FrameMeter frames;
  std::uint64_t draws = 0;
  std::uint64_t failed_draws = 0;
  std::chrono::nanoseconds render_time{};  ///< CPU: draws on the canvas, and presenting
  std::optional<Duration> first_picture;   ///< from the start to the first complete picture
  Duration ran{};
};

std::string to_json(const ViewerStatistics& statistics);
Result<void> write_stats(const ViewerStatistics& statistics, const std::string& path);

}  // namespace cassia::client
