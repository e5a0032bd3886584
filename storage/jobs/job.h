// SPDX-License-Identifier: Apache-2.0
#pragma once

// What is known of one long operation.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cassia::storage {

enum class JobState { queued, running, paused, done, failed, canceled };
std::string_view to_string(JobState state);
/// True once nothing more will happen.
bool ended(JobState state);

/// What a job is about, said by whoever begins it.
struct JobDescription {
  std::string verb;     ///< of the storage schema: "disk.convert"
  std::string subject;  ///< the disk or image it works on
  std::string target;   ///< the image it makes; may be empty
  std::string owner;    ///< who began it
};

struct JobInfo {
  std::string id;
  JobDescription about;
  JobState state = JobState::queued;
  std::uint64_t done = 0;       ///< units of the operation's own choice, bytes in most
  std::uint64_t total = 0;      ///< 0: not known yet
  std::int64_t started_ms = 0;  ///< since 1970, UTC
  std::int64_t ended_ms = 0;    ///< 0: not yet
  std::optional<Error> error;   ///< of failed

  unsigned percent() const;
};

/// The record "Job" of the storage schema.
nlohmann::json to_json(const JobInfo& info);
/// The other way, of what a gateway sent.
Result<JobInfo> job_from_json(const nlohmann::json& value);

}  // namespace cassia::storage
