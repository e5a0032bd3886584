// SPDX-License-Identifier: Apache-2.0
#include "storage/jobs/job.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "protocol/json/json_text.h"
#include "protocol/storage/error_kind.h"

namespace cassia::storage {
namespace {

using nlohmann::json;

std::uint64_t size_at(const json& value, std::string_view key) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, number_at(value, key)));
}

Result<JobState> state_named(std::string_view name) {
  using enum JobState;
  for (const JobState state : {queued, running, paused, done, failed, canceled}) {
    if (to_string(state) == name) return state;
  }
  return fail(ErrorKind::malformed, "a job's state cannot be '{}'", name.substr(0, 40));
}

}  // namespace

std::string_view to_string(JobState state) {
  switch (state) {
    case JobState::queued:
      return "queued";
    case JobState::running:
      return "running";
    case JobState::paused:
      return "paused";
    case JobState::done:
      return "done";
    case JobState::failed:
      return "failed";
    case JobState::canceled:
      return "canceled";
  }
  return "failed";
}

bool ended(JobState state) {
  return state == JobState::done || state == JobState::failed || state == JobState::canceled;
}

unsigned JobInfo::percent() const {
  if (state == JobState::done) return 100;
  if (total == 0) return 0;
  const double part = static_cast<double>(done) / static_cast<double>(total);
  return static_cast<unsigned>(std::clamp(part, 0.0, 1.0) * 100.0);
}

json to_json(const JobInfo& info) {
  return {{"id", info.id},
          {"verb", info.about.verb},
          {"subject", info.about.subject},
          {"target", info.about.target},
          {"owner", info.about.owner},
          {"state", to_string(info.state)},
          {"done", info.done},
          {"total", info.total},
          {"percent", info.percent()},
          {"started", info.started_ms},
          {"ended", info.ended_ms},
          {"error", info.error ? info.error->message() : ""},
          {"error_kind", info.error ? to_string(info.error->kind()) : ""}};
}

Result<JobInfo> job_from_json(const json& value) {
  if (!value.is_object()) return fail(ErrorKind::malformed, "a job must be an object");
  JobInfo info;
  info.id = text_at(value, "id");
  info.about = {text_at(value, "verb"), text_at(value, "subject"), text_at(value, "target"),
                text_at(value, "owner")};
  info.state = CASSIA_TRY(state_named(text_at(value, "state")));
  info.done = size_at(value, "done");
  info.total = size_at(value, "total");
  info.started_ms = number_at(value, "started");
  info.ended_ms = number_at(value, "ended");
  if (info.state == JobState::failed) {
    info.error.emplace(error_kind_named(text_at(value, "error_kind")),
                       text_at(value, "error", "the job gave no reason"));
  }
  return info;
}

}  // namespace cassia::storage
