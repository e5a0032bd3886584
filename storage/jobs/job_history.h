// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where jobs go when they have ended.

#include <deque>
#include <vector>

#include "storage/jobs/job.h"

namespace cassia::storage {

/// The engine calls it under its own lock, from any thread, one call at a time.
class JobHistory {
 public:
  virtual ~JobHistory() = default;
  virtual void add(const JobInfo& info) = 0;
  /// Oldest first.
  virtual std::vector<JobInfo> list() const = 0;
  /// The number of the last job that was ever begun: ids go on from there.
  virtual std::uint64_t last_number() const = 0;
};

/// Keeps the last `capacity` jobs until the process ends.
class MemoryJobHistory final : public JobHistory {
 public:
  explicit MemoryJobHistory(std::size_t capacity = 200) : capacity_(capacity) {}
  void add(const JobInfo& info) override;
  std::vector<JobInfo> list() const override { return {jobs_.begin(), jobs_.end()}; }
  std::uint64_t last_number() const override { return 0; }

 private:
  std::size_t capacity_;
  std::deque<JobInfo> jobs_;
};

}  // namespace cassia::storage
