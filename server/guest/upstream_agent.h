// SPDX-License-Identifier: Apache-2.0
#pragma once

// The agent of a guest behind an upstream SPICE server: the client's role on its main channel.

#include "channels/agent/agent_peer.h"
#include "server/guest/guest_agent.h"

namespace cassia::server {

class UpstreamAgent final : public GuestAgent, private channels::AgentPeerEvents {
 public:
  /// Both must outlive it.
  UpstreamAgent(channels::AgentPipe& pipe, GuestAgentEvents& events);

  void connected(bool connected);
  /// What an agent says never ends the session: one that breaks the rules is deaf and dumb from
  /// then on, until it connects anew.
  void data(ByteView bytes);
  void writable();

  Result<void> send(spice::AgentMessage message) override { return peer_.send(std::move(message)); }
  bool congested() const override;

 private:
  void agent_capabilities(const spice::Capabilities& theirs) override;
  void agent_message(spice::AgentMessage message) override { events_.guest_agent_message(message); }
  void agent_clipboard_too_large(spice::Selection selection) override {
    events_.guest_agent_clipboard_too_large(selection);
  }

  GuestAgentEvents& events_;
  channels::AgentPeer peer_;
  bool up_ = false;
};

}  // namespace cassia::server
