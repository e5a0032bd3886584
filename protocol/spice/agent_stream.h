// SPDX-License-Identifier: Apache-2.0
#pragma once

// Agent messages and the AGENT_DATA messages that carry them. Sent: each agent message begins in an
// AGENT_DATA of its own and goes on in further ones of at most max_agent_chunk bytes; libspice's
// server cuts off a client that joins two or splits the header. Received: any split is taken.

#include <functional>

#include "protocol/spice/agent_messages.h"

namespace cassia::spice {

struct AgentLimits {
  /// Clipboard contents beyond this are not kept: the message is skipped as it comes.
  std::uint32_t clipboard = 32u << 20;
  /// One FILE_XFER_DATA.
  std::uint32_t file_data = 1u << 20;
  /// A message that states more than this is an error, whatever it is.
  std::uint32_t skipped = 1u << 30;
};

/// One message as it arrived.
struct AgentFrame {
  std::uint32_t type = 0;
  SharedBytes body;
  /// The body was too large to keep (clipboard, or a type that we do not know): only its first
  /// bytes are there.
  bool skipped = false;
};

/// Puts messages together again. Memory: what has arrived of one message, at most the limit of its
/// type.
class AgentAssembler {
 public:
  using Sink = std::function<Result<void>(AgentFrame)>;

  explicit AgentAssembler(AgentLimits limits = {}) : limits_(limits) {}

  /// Calls `sink` for each message that `bytes` completes, in order; ends at its first error.
  /// Errors: malformed protocol number or size. After an error only reset() is of use. `sink` may
  /// call reset(); what remains of `bytes` is then dropped.
  Result<void> receive(ByteView bytes, const Sink& sink);

  /// The stream begins anew: a message that was under way is forgotten.
  void reset();

  bool midway() const { return !header_.empty(); }
  void set_limits(AgentLimits limits) { limits_ = limits; }

 private:
  Result<void> begin();

  AgentLimits limits_;
  Bytes header_;  ///< of the message under way
  Bytes body_;
  std::uint32_t type_ = 0;
  std::uint32_t size_ = 0;  ///< of the whole body
  std::uint32_t done_ = 0;  ///< of it, what has come
  bool skipping_ = false;
  std::uint64_t generation_ = 0;
};

}  // namespace cassia::spice
