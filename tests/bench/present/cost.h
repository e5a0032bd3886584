// SPDX-License-Identifier: Apache-2.0
#pragma once

// What something costs: time, our processor time, the X server's.

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace cassia::bench {

/// Milliseconds for one present.
struct Cost {
  double wall = 0, ours = 0, server = 0;
  double cpu() const { return ours + server; }
};

class CostMeter {
 public:
  explicit CostMeter(pid_t server) : server_(server) {}
  /// Between these calls runs what is counted.
  void start();
  void stop();
  /// Of all that was counted, for each of `times`.
  Cost result(int times) const;

 private:
  double server_ms() const;

  const pid_t server_;
  double wall_ = 0, ours_ = 0, server_time_ = 0;
  double wall_begin_ = 0, ours_begin_ = 0, server_begin_ = 0;
};

/// Each of the parts by itself.
Cost median(const std::vector<Cost>& costs);

}  // namespace cassia::bench
