// SPDX-License-Identifier: Apache-2.0
#pragma once

// One viewer's part in the guest's agent: the agent's role on its main channel.

#include "channels/agent/agent_peer.h"

namespace cassia::server {

class AgentHub;

/// Must not outlive the hub, nor `main`.
class AgentViewer final : private channels::AgentPeerEvents {
 public:
  /// AGENT_DATA messages that a viewer may send before it gets tokens back.
  static constexpr std::uint32_t tokens = 10;

  AgentViewer(AgentHub& hub, channels::MainServer& main);
  ~AgentViewer() override;
  AgentViewer(const AgentViewer&) = delete;
  AgentViewer& operator=(const AgentViewer&) = delete;

  // From the session's main channel.
  void started() { peer_.start(); }
  Result<void> data(ByteView bytes) { return peer_.receive(bytes); }

  // From the hub.
  void agent_connected(bool connected);
  void capabilities_changed();
  Result<void> send(spice::AgentMessage message) { return peer_.send(std::move(message)); }
  const spice::Capabilities& capabilities() const { return peer_.theirs(); }
  /// The viewer wants clipboard contents of this size.
  bool takes(std::size_t bytes) const {
    return most_ < 0 || bytes <= static_cast<std::size_t>(most_);
  }
  /// While true the viewer gets no tokens back: the guest is slower than it.
  void hold_up(bool held) { main_.pause_agent(held); }

 private:
  void agent_capabilities(const spice::Capabilities& theirs) override;
  void agent_message(spice::AgentMessage message) override;
  void agent_clipboard_too_large(spice::Selection selection) override;

  AgentHub& hub_;
  channels::MainServer& main_;
  channels::AgentPeer peer_;
  std::int64_t most_ = -1;
  bool ready_ = false;
};

}  // namespace cassia::server
