// SPDX-License-Identifier: Apache-2.0
#pragma once

// The gateway's QMP connection to one VM: made, kept, and made again when QEMU comes back.

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/address.h"
#include "net/task.h"
#include "protocol/qmp/session.h"

namespace cassia::net {
class Stream;
}

namespace cassia::storage {

/// Everything happens on the executor's thread.
class VmConnection final : public std::enable_shared_from_this<VmConnection> {
 public:
  struct Options {
    net::Address address;
    /// QEMU serves one client a socket and leaves the next one without a word.
    Duration greeting_timeout = std::chrono::seconds(2);
    Duration retry = std::chrono::milliseconds(500);  ///< between attempts to connect
    Duration command_timeout = std::chrono::seconds(60);
  };

  /// `clock` must outlive it.
  static std::shared_ptr<VmConnection> create(net::Executor executor, const Clock& clock,
                                              Options options);
  ~VmConnection();

  /// Connects, and again after every end, until stop(). Spawn it once.
  net::Task<> run();
  void stop();

  bool ready() const { return session_ && session_->ready(); }
  /// Why it is not ready, as a sentence with the socket's name; empty while it is.
  const std::string& problem() const { return problem_; }
  const qmp::Greeting& greeting() const { return greeting_; }
  /// How often a connection became ready: tells a coroutine that slept whether it is still the
  /// same.
  std::uint64_t generation() const { return generation_; }
  /// The process at the other end ("unix (pid 812, uid 0)"); of the last one while not connected.
  const std::string& peer() const { return peer_; }
  const net::Executor& executor() const { return executor_; }

  /// One command. ErrorKind::closed with problem() if the connection is not there or goes away
  /// before the answer: then it is not known whether QEMU acted.
  net::Task<Result<nlohmann::json>> execute(std::string command, nlohmann::json arguments);
  net::Task<Result<nlohmann::json>> execute(std::string command);

  /// True once ready, false after `limit` or stop().
  net::Task<bool> wait_ready(Duration limit);

  /// Returns once the first attempt to connect has gone well or wrong, or after `limit`: right
  /// after a start a verb should not fail only because QEMU has not been asked yet.
  net::Task<> wait_decided(Duration limit);

  /// Until the Subscription is dropped, `handler` gets every event. It must not wait.
  using Subscription = std::shared_ptr<void>;
  [[nodiscard]] Subscription on_event(std::function<void(const qmp::Event&)> handler);
  /// The same for the connection becoming ready (true) or ending (false).
  [[nodiscard]] Subscription on_ready(std::function<void(bool)> handler);

 private:
  VmConnection(net::Executor executor, const Clock& clock, Options options);
  net::Task<> serve(std::unique_ptr<net::Stream> stream);
  net::Task<> pause(Duration time);
  void changed(bool ready);
  void decide();

  net::Executor executor_;
  const Clock& clock_;
  Options options_;
  std::string problem_;
  bool decided_ = false;
  qmp::Greeting greeting_;
  std::string peer_;
  std::uint64_t generation_ = 0;
  bool stopping_ = false;
  std::shared_ptr<qmp::Session> session_;
  std::shared_ptr<net::Stream> stream_;
  std::function<void()> interrupt_;  ///< ends the pause between attempts
  std::vector<std::weak_ptr<std::function<void(const qmp::Event&)>>> event_handlers_;
  std::vector<std::weak_ptr<std::function<void(bool)>>> ready_handlers_;
  std::vector<std::weak_ptr<std::function<void()>>> decision_handlers_;
};

}  // namespace cassia::storage
