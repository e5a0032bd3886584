// SPDX-License-Identifier: Apache-2.0
#pragma once

// Threads on which each of any number of strands does its jobs one after the other, in the order in
// which they came: the frames of one video stream build on each other, those of two do not.

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace cassia::client {

/// Any thread. The threads begin with the first job.
class StrandPool {
 public:
  /// A job that is never run, because the pool has stopped, is destroyed: whoever waits for it
  /// hears of it from what it holds.
  using Job = std::function<void()>;
  class Strand;

  /// `threads`: at least 1.
  explicit StrandPool(unsigned threads) : wanted_(threads) {}
  ~StrandPool() { stop(); }
  StrandPool(const StrandPool&) = delete;
  StrandPool& operator=(const StrandPool&) = delete;

  static std::shared_ptr<Strand> make_strand() { return std::make_shared<Strand>(); }
  /// The pool must outlive the call, the strand need not.
  void run(const std::shared_ptr<Strand>& strand, Job job);

  /// Returns after the jobs that run; those that wait, and all that come, are destroyed.
  void stop();

  class Strand {
    friend class StrandPool;
    std::deque<Job> jobs;  ///< guarded by the pool's lock
    bool listed = false;   ///< it runs, or is about to
  };

 private:
  void work();

  const unsigned wanted_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::deque<std::shared_ptr<Strand>> runnable_;
  std::vector<std::thread> threads_;
};

}  // namespace cassia::client
