// SPDX-License-Identifier: Apache-2.0
#include "storage/jobs/job_history.h"

namespace cassia::storage {

void MemoryJobHistory::add(const JobInfo& info) {
  jobs_.push_back(info);
  if (jobs_.size() > capacity_) jobs_.pop_front();
}

}  // namespace cassia::storage
