// SPDX-License-Identifier: Apache-2.0
#pragma once

// Two small tools for coroutines of one thread. Include from .cc files: it brings Asio's timers.

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>

#include "base/clock.h"
#include "net/task.h"

namespace cassia::storage {

/// A flag to wait for. set() wakes everybody that waits; it stays set until reset().
class Signal {
 public:
  explicit Signal(const net::Executor& executor) : timer_(executor, Timer::time_point::max()) {}

  void set() {
    set_ = true;
    timer_.cancel();
  }
  void reset() {
    set_ = false;
    timer_.expires_at(Timer::time_point::max());
  }
  bool is_set() const { return set_; }

  /// True if set, false after `limit`. One coroutine may wait with a limit at a time.
  net::Task<bool> wait(Duration limit) {
    if (!set_) {
      timer_.expires_after(limit);
      boost::system::error_code ignored;
      co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    }
    co_return set_;
  }

 private:
  using Timer = boost::asio::steady_timer;
  Timer timer_;
  bool set_ = false;
};

/// Lets one coroutine at a time past; the others wait in any order.
class AsyncLock {
 public:
  explicit AsyncLock(const net::Executor& executor)
      : timer_(executor, boost::asio::steady_timer::time_point::max()) {}

  class Guard {
   public:
    explicit Guard(AsyncLock& lock) : lock_(&lock) {}
    Guard(Guard&& other) noexcept : lock_(std::exchange(other.lock_, nullptr)) {}
    Guard& operator=(Guard&&) = delete;
    ~Guard() {
      if (lock_ == nullptr) return;
      lock_->held_ = false;
      lock_->timer_.cancel_one();
    }

   private:
    AsyncLock* lock_;
  };

  net::Task<Guard> acquire() {
    while (held_) {
      boost::system::error_code ignored;
      co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    }
    held_ = true;
    co_return Guard(*this);
  }

 private:
  boost::asio::steady_timer timer_;
  bool held_ = false;
};

}  // namespace cassia::storage
