// SPDX-License-Identifier: Apache-2.0
#pragma once

// A SPICE server that plays a recorded session to whoever connects, on the same connection code as
// the gateway: handshake, acks and flow control are real, the messages are those of the tape.

#include <memory>

#include "base/clock.h"
#include "net/stream.h"
#include "tests/replay/session_tape.h"

namespace cassia::test {

struct ReplayOptions {
  /// 1: at the recorded pace, 2: twice as fast; 0: as fast as the client takes it.
  double speed = 1;
};

/// All on one thread, that of `executor`.
class ReplayServer {
 public:
  virtual ~ReplayServer() = default;
  /// `tape` and `clock` must outlive it.
  static Result<std::unique_ptr<ReplayServer>> create(net::Executor executor, const Clock& clock,
                                                      const SessionTape& tape,
                                                      const net::Address& listen,
                                                      ReplayOptions options);
  virtual net::Address address() const = 0;
  virtual void start() = 0;
};

}  // namespace cassia::test
