// SPDX-License-Identifier: Apache-2.0
#pragma once

// The agent that runs in a guest, as the gateway sees it: typed messages both ways, whatever it is
// that carries them.

#include "protocol/spice/agent_messages.h"

namespace cassia::server {

/// Called on the event loop's thread, never from inside GuestAgent::send().
class GuestAgentEvents {
 public:
  virtual ~GuestAgentEvents() = default;
  /// The agent is there and can do this (VD_AGENT_CAP_*); again if that has changed.
  virtual void guest_agent_up(const spice::Capabilities& caps) = 0;
  virtual void guest_agent_down() = 0;
  virtual void guest_agent_message(const spice::AgentMessage& message) = 0;
  /// It sent clipboard contents too large to keep.
  virtual void guest_agent_clipboard_too_large(spice::Selection selection) = 0;
  /// congested() may have turned false.
  virtual void guest_agent_writable() = 0;
};

class GuestAgent {
 public:
  virtual ~GuestAgent() = default;
  /// Errors: closed (no agent), unsupported (it does not know such messages), busy (it takes none).
  virtual Result<void> send(spice::AgentMessage message) = 0;
  /// Much waits to be sent: file data should wait for guest_agent_writable().
  virtual bool congested() const = 0;
};

}  // namespace cassia::server
