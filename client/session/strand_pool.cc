// SPDX-License-Identifier: Apache-2.0
#include "client/session/strand_pool.h"

#include <utility>

namespace cassia::client {

void StrandPool::run(const std::shared_ptr<Strand>& strand, Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    strand->jobs.push_back(std::move(job));
    if (std::exchange(strand->listed, true)) return;
    runnable_.push_back(strand);
    if (threads_.size() < wanted_) threads_.emplace_back([this] { work(); });
  }
  changed_.notify_one();
}

void StrandPool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !runnable_.empty(); });
    if (stopping_) return;
    const std::shared_ptr<Strand> strand = std::move(runnable_.front());
    runnable_.pop_front();
    Job job = std::move(strand->jobs.front());
    strand->jobs.pop_front();
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
    // One job at a turn: strands share the threads fairly.
    strand->listed = !strand->jobs.empty();
    if (strand->listed) runnable_.push_back(strand);
  }
}

void StrandPool::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  // What their destructors do may come back here: not under the lock.
  std::vector<std::deque<Job>> dropped;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& strand : runnable_) dropped.push_back(std::move(strand->jobs));
    runnable_.clear();
  }
}

}  // namespace cassia::client
