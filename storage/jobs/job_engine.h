// SPDX-License-Identifier: Apache-2.0
#pragma once

// JobEngine: runs jobs on its own threads, and lists beside them the jobs that somebody else runs
// (QEMU's block jobs).

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/block/progress.h"
#include "storage/jobs/job_history.h"
#include "storage/jobs/job_service.h"

namespace cassia::storage {

/// What a thread of the engine does for one job. It counts in `progress` and ends soon after a
/// cancel with ErrorKind::canceled. On failure it has removed what it began to write.
using JobWork = std::function<Result<void>(Progress& progress)>;

/// A request that passed its checks.
struct PreparedJob {
  JobDescription about;  ///< verb and owner are filled in by the engine
  JobWork work;
};
using JobMaker = std::function<Result<PreparedJob>(const nlohmann::json& params)>;

/// How the engine reaches a job that runs elsewhere. Called from whichever thread asked.
struct JobControls {
  std::function<void()> cancel;
  std::function<void()> pause;
  std::function<void()> resume;
};

/// The running side of such a job: whoever runs it reports here. Any thread.
class ExternalJob {
 public:
  virtual ~ExternalJob() = default;
  virtual const std::string& id() const = 0;
  virtual void report(std::uint64_t done, std::uint64_t total) = 0;
  virtual void report_paused(bool paused) = 0;
  /// The last report; ErrorKind::canceled means canceled. Dropping the job without it is a failure.
  virtual void finish(const Result<void>& result) = 0;
};

class JobEngine final : public JobService {
 public:
  struct Options {
    unsigned threads = 2;  ///< jobs that run at once; the others queue
    std::unique_ptr<JobHistory> history = std::make_unique<MemoryJobHistory>();
    std::function<std::int64_t()> wall_clock_ms;  ///< empty: the system's
  };

  static std::unique_ptr<JobEngine> create(Options options);
  /// Cancels what runs on its threads and waits for it. External jobs that outlive it report into
  /// the void.
  ~JobEngine() override;

  /// Teaches submit() a verb. Before the first submit.
  void add_maker(std::string verb, JobMaker maker);

  /// Begins work that was checked by the caller.
  std::string start(JobDescription about, JobWork work);
  /// Lists a job that runs elsewhere.
  std::unique_ptr<ExternalJob> adopt(JobDescription about, JobControls controls);

  /// The job that has not ended and works on (or makes) `subject`, if any: for "busy" answers.
  std::optional<JobInfo> job_on(std::string_view subject);

  Result<std::string> submit(std::string_view verb, const nlohmann::json& params,
                             std::string_view owner) override;
  Result<std::vector<JobInfo>> list() override;
  Result<JobInfo> show(const std::string& id) override;
  Result<void> cancel(const std::string& id) override;
  Result<void> pause(const std::string& id) override;
  Result<void> resume(const std::string& id) override;

  struct State;  ///< shared with threads and external jobs

 private:
  explicit JobEngine(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace cassia::storage
