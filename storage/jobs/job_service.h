// SPDX-License-Identifier: Apache-2.0
#pragma once

// JobService: begins long operations and watches them. The engine (job_engine.h) runs them here;
// the remote form (client/disk) asks a gateway. Progress is read, never pushed.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "storage/jobs/job.h"

namespace cassia::storage {

/// Any thread may call.
class JobService {
 public:
  virtual ~JobService() = default;

  /// Checks the whole request (a verb of the storage schema and its parameters) and begins it.
  /// Answers the job's id; nothing was done if it fails.
  virtual Result<std::string> submit(std::string_view verb, const nlohmann::json& params,
                                     std::string_view owner) = 0;
  /// Oldest first, ended ones included.
  virtual Result<std::vector<JobInfo>> list() = 0;
  virtual Result<JobInfo> show(const std::string& id) = 0;
  /// Asks; the job ends, rests or goes on soon after. Refused (invalid_argument) if it has ended.
  virtual Result<void> cancel(const std::string& id) = 0;
  virtual Result<void> pause(const std::string& id) = 0;
  virtual Result<void> resume(const std::string& id) = 0;
};

}  // namespace cassia::storage
