// SPDX-License-Identifier: Apache-2.0
#include "storage/jobs/job_engine.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace cassia::storage {
namespace {

std::int64_t system_clock_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

/// One job that has not ended. Guarded by State::mutex, but for `progress`, which guards itself.
struct Entry {
  JobInfo info;
  JobWork work;          ///< empty: runs elsewhere
  JobControls controls;  ///< of one that runs elsewhere
  Progress progress;
  bool on_thread = false;  ///< a thread has taken it

  JobInfo snapshot() const {
    JobInfo now = info;
    if (work) {
      now.done = progress.done();
      now.total = progress.total();
    }
    return now;
  }
};

}  // namespace

struct JobEngine::State {
  std::mutex mutex;
  std::condition_variable changed;
  std::unique_ptr<JobHistory> history;
  std::function<std::int64_t()> wall_clock_ms;
  std::map<std::string, JobMaker, std::less<>> makers;
  std::vector<std::shared_ptr<Entry>> live;    ///< oldest first
  std::deque<std::shared_ptr<Entry>> waiting;  ///< for a thread
  std::vector<std::thread> threads;
  unsigned max_threads = 1;
  unsigned idle_threads = 0;
  std::uint64_t last_number = 0;
  bool stopping = false;

  std::shared_ptr<Entry> add(JobDescription about) {
    auto entry = std::make_shared<Entry>();
    entry->info.id = std::to_string(++last_number);
    entry->info.about = std::move(about);
    entry->info.started_ms = wall_clock_ms();
    live.push_back(entry);
    return entry;
  }

  /// Moves a job to the history. The mutex is held.
  void end(const std::shared_ptr<Entry>& entry, const Result<void>& result) {
    const auto found = std::find(live.begin(), live.end(), entry);
    if (found == live.end()) return;
    JobInfo info = entry->snapshot();
    live.erase(found);
    info.ended_ms = wall_clock_ms();
    if (result) {
      info.state = JobState::done;
    } else if (result.error().kind() == ErrorKind::canceled) {
      info.state = JobState::canceled;
    } else {
      info.state = JobState::failed;
      info.error = result.error();
    }
    history->add(info);
  }

  std::shared_ptr<Entry> find(const std::string& id) const {
    const auto found = std::find_if(live.begin(), live.end(),
                                    [&](const auto& entry) { return entry->info.id == id; });
    return found == live.end() ? nullptr : *found;
  }

  /// The job, if it still can be told something; else why not. The mutex is held.
  Result<std::shared_ptr<Entry>> controllable(const std::string& id) const {
    if (auto entry = find(id)) return entry;
    for (const JobInfo& info : history->list()) {
      if (info.id == id) {
        return fail(ErrorKind::invalid_argument, "job {} has ended ({})", id,
                    to_string(info.state));
      }
    }
    return fail(ErrorKind::not_found, "there is no job {}", id);
  }

  void run_jobs() {
    std::unique_lock lock(mutex);
    for (;;) {
      ++idle_threads;
      changed.wait(lock, [this] { return stopping || !waiting.empty(); });
      --idle_threads;
      if (waiting.empty()) return;
      const std::shared_ptr<Entry> entry = waiting.front();
      waiting.pop_front();
      entry->on_thread = true;
      if (entry->info.state == JobState::queued) entry->info.state = JobState::running;
      lock.unlock();
      const Result<void> result = entry->progress.canceled()
                                      ? Result<void>(fail(ErrorKind::canceled, "canceled"))
                                      : entry->work(entry->progress);
      lock.lock();
      end(entry, result);
    }
  }
};

namespace {

class Adopted final : public ExternalJob {
 public:
  Adopted(std::shared_ptr<JobEngine::State> state, std::shared_ptr<Entry> entry)
      : state_(std::move(state)), entry_(std::move(entry)), id_(entry_->info.id) {}
  ~Adopted() override { finish(fail(ErrorKind::internal, "the job was abandoned")); }

  const std::string& id() const override { return id_; }
  void report(std::uint64_t done, std::uint64_t total) override {
    const std::lock_guard lock(state_->mutex);
    entry_->info.done = done;
    entry_->info.total = total;
  }
  void report_paused(bool paused) override {
    const std::lock_guard lock(state_->mutex);
    entry_->info.state = paused ? JobState::paused : JobState::running;
  }
  void finish(const Result<void>& result) override {
    const std::lock_guard lock(state_->mutex);
    state_->end(entry_, result);
  }

 private:
  std::shared_ptr<JobEngine::State> state_;
  std::shared_ptr<Entry> entry_;
  std::string id_;
};

}  // namespace

std::unique_ptr<JobEngine> JobEngine::create(Options options) {
  auto state = std::make_shared<State>();
  state->history = std::move(options.history);
  state->wall_clock_ms = options.wall_clock_ms ? std::move(options.wall_clock_ms) : system_clock_ms;
  state->max_threads = std::max(1u, options.threads);
  state->last_number = state->history->last_number();
  return std::unique_ptr<JobEngine>(new JobEngine(std::move(state)));
}

JobEngine::JobEngine(std::shared_ptr<State> state) : state_(std::move(state)) {}

JobEngine::~JobEngine() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    for (const auto& entry : state_->live) entry->progress.cancel();
    threads.swap(state_->threads);
  }
  state_->changed.notify_all();
  for (std::thread& thread : threads) thread.join();
}

void JobEngine::add_maker(std::string verb, JobMaker maker) {
  const std::lock_guard lock(state_->mutex);
  state_->makers.insert_or_assign(std::move(verb), std::move(maker));
}

std::string JobEngine::start(JobDescription about, JobWork work) {
  const std::lock_guard lock(state_->mutex);
  const auto entry = state_->add(std::move(about));
  entry->work = std::move(work);
  state_->waiting.push_back(entry);
  if (state_->waiting.size() > state_->idle_threads &&
      state_->threads.size() < state_->max_threads) {
    state_->threads.emplace_back([state = state_.get()] { state->run_jobs(); });
  }
  state_->changed.notify_one();
  return entry->info.id;
}

std::unique_ptr<ExternalJob> JobEngine::adopt(JobDescription about, JobControls controls) {
  const std::lock_guard lock(state_->mutex);
  auto entry = state_->add(std::move(about));
  entry->controls = std::move(controls);
  entry->info.state = JobState::running;
  return std::make_unique<Adopted>(state_, std::move(entry));
}

std::optional<JobInfo> JobEngine::job_on(std::string_view subject) {
  const std::lock_guard lock(state_->mutex);
  for (const auto& entry : state_->live) {
    const JobDescription& about = entry->info.about;
    if (about.subject == subject || about.target == subject) return entry->snapshot();
  }
  return std::nullopt;
}

Result<std::string> JobEngine::submit(std::string_view verb, const nlohmann::json& params,
                                      std::string_view owner) {
  JobMaker maker;
  {
    const std::lock_guard lock(state_->mutex);
    const auto found = state_->makers.find(verb);
    if (found == state_->makers.end()) {
      return fail(ErrorKind::unsupported, "{} does not begin a job here", verb);
    }
    maker = found->second;
  }
  PreparedJob job = CASSIA_TRY(maker(params));
  job.about.verb = verb;
  job.about.owner = owner;
  return start(std::move(job.about), std::move(job.work));
}

Result<std::vector<JobInfo>> JobEngine::list() {
  const std::lock_guard lock(state_->mutex);
  std::vector<JobInfo> jobs = state_->history->list();
  for (const auto& entry : state_->live) jobs.push_back(entry->snapshot());
  std::stable_sort(jobs.begin(), jobs.end(), [](const JobInfo& a, const JobInfo& b) {
    return a.id.size() != b.id.size() ? a.id.size() < b.id.size() : a.id < b.id;
  });
  return jobs;
}

Result<JobInfo> JobEngine::show(const std::string& id) {
  const std::lock_guard lock(state_->mutex);
  if (const auto entry = state_->find(id)) return entry->snapshot();
  for (const JobInfo& info : state_->history->list()) {
    if (info.id == id) return info;
  }
  return fail(ErrorKind::not_found, "there is no job {}", id);
}

Result<void> JobEngine::cancel(const std::string& id) {
  std::function<void()> elsewhere;
  {
    const std::lock_guard lock(state_->mutex);
    const auto entry = CASSIA_TRY(state_->controllable(id));
    if (entry->work) {
      entry->progress.cancel();
      // One that still queues ends at once instead of when its turn comes.
      std::erase(state_->waiting, entry);
      if (!entry->on_thread) state_->end(entry, fail(ErrorKind::canceled, "canceled"));
    } else {
      elsewhere = entry->controls.cancel;
    }
  }
  if (elsewhere) elsewhere();
  return {};
}

Result<void> JobEngine::pause(const std::string& id) {
  std::function<void()> elsewhere;
  {
    const std::lock_guard lock(state_->mutex);
    const auto entry = CASSIA_TRY(state_->controllable(id));
    if (entry->work) {
      entry->progress.pause();
      entry->info.state = JobState::paused;
    } else {
      elsewhere = entry->controls.pause;
    }
  }
  if (elsewhere) elsewhere();
  return {};
}

Result<void> JobEngine::resume(const std::string& id) {
  std::function<void()> elsewhere;
  {
    const std::lock_guard lock(state_->mutex);
    const auto entry = CASSIA_TRY(state_->controllable(id));
    if (entry->work) {
      entry->progress.resume();
      if (entry->info.state == JobState::paused) {
        entry->info.state = entry->on_thread ? JobState::running : JobState::queued;
      }
    } else {
      elsewhere = entry->controls.resume;
    }
  }
  if (elsewhere) elsewhere();
  return {};
}

}  // namespace cassia::storage
