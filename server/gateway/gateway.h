// SPDX-License-Identifier: Apache-2.0
#pragma once

// The server: listeners, connections and the sessions they make, all on one event loop.

#include <functional>
#include <memory>

#include "base/clock.h"
#include "net/task.h"
#include "server/gateway/config.h"

namespace cassia::server {

struct GatewayLimits {
  Duration handshake_timeout = std::chrono::seconds(10);
  std::size_t handshakes = 64;  ///< at the same time; more are closed at once
  std::size_t connections = 1024;
};

/// All calls on the event loop's thread. `clock` must outlive it.
class Gateway {
 public:
  /// Binds the listeners; errors name the address. Nothing is served before start().
  static Result<std::unique_ptr<Gateway>> create(net::Executor executor, const Clock& clock,
                                                 GatewayConfig config, GatewayLimits limits = {});
  virtual ~Gateway() = default;

  /// `ready` is called once: viewers that connect from now on see the guest (or that it is away).
  virtual void start(std::function<void()> ready) = 0;
  /// The addresses really bound, in the order of the configuration.
  virtual std::vector<net::Address> addresses() const = 0;
  /// Tells the viewers, closes everything, calls `stopped` when the last connection is gone.
  virtual void stop(std::function<void()> stopped) = 0;
  virtual std::size_t sessions() const = 0;
  /// The guest's picture as a binary PPM.
  virtual Result<Bytes> picture() = 0;
};

}  // namespace cassia::server
