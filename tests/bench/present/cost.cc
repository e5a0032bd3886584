// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/present/cost.h"

#include <time.h>

#include <algorithm>
#include <fstream>

namespace cassia::bench {
namespace {

double clock_ms(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

double median_of(const std::vector<Cost>& costs, double Cost::*part) {
  std::vector<double> values;
  for (const Cost& each : costs) values.push_back(each.*part);
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

}  // namespace

/// The first number of schedstat: nanoseconds on a processor.
double CostMeter::server_ms() const {
  std::ifstream file("/proc/" + std::to_string(server_) + "/schedstat");
  double ns = 0;
  file >> ns;
  return ns / 1e6;
}

void CostMeter::start() {
  server_begin_ = server_ms();
  ours_begin_ = clock_ms(CLOCK_PROCESS_CPUTIME_ID);
  wall_begin_ = clock_ms(CLOCK_MONOTONIC);
}

void CostMeter::stop() {
  wall_ += clock_ms(CLOCK_MONOTONIC) - wall_begin_;
  ours_ += clock_ms(CLOCK_PROCESS_CPUTIME_ID) - ours_begin_;
  server_time_ += server_ms() - server_begin_;
}

Cost CostMeter::result(int times) const {
  return {wall_ / times, ours_ / times, server_time_ / times};
}

Cost median(const std::vector<Cost>& costs) {
  return {median_of(costs, &Cost::wall), median_of(costs, &Cost::ours),
          median_of(costs, &Cost::server)};
}

}  // namespace cassia::bench
