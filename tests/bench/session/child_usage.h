// SPDX-License-Identifier: Apache-2.0
#pragma once

// A program run to its end, and what the operating system counted for it.

#include <string>
#include <vector>

#include "base/result.h"

namespace cassia::bench {

struct ChildUsage {
  double cpu_s = 0;  ///< user and system time, of all its threads
  double wall_s = 0;
  double peak_mib = 0;  ///< largest resident size
};

/// Its output goes to /dev/null, its errors to ours. An error if it does not end with status 0.
Result<ChildUsage> run_counted(const std::vector<std::string>& command);

double median(std::vector<double> values);

}  // namespace cassia::bench
