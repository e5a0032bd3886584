// SPDX-License-Identifier: Apache-2.0
#include "server/gateway/agent_viewer.h"

#include "server/gateway/agent_hub.h"

namespace cassia::server {

AgentViewer::AgentViewer(AgentHub& hub, channels::MainServer& main)
    : hub_(hub),
      main_(main),
      peer_(channels::AgentPeer::Role::agent, hub.capabilities(), main, *this) {
  hub_.add(this);
}

AgentViewer::~AgentViewer() { hub_.remove(this); }

void AgentViewer::agent_connected(bool connected) {
  peer_.stop();
  ready_ = false;
  most_ = -1;
  peer_.set_capabilities(hub_.capabilities());
  main_.send_agent_connected(connected, tokens);
}

void AgentViewer::capabilities_changed() { peer_.set_capabilities(hub_.capabilities()); }

void AgentViewer::agent_capabilities(const spice::Capabilities&) {
  // A viewer announces more than once; it is told once who holds the clipboard.
  if (!std::exchange(ready_, true)) hub_.viewer_ready(*this);
}

void AgentViewer::agent_message(spice::AgentMessage message) {
  if (const auto* most = std::get_if<spice::AgentMaxClipboard>(&message)) {
    most_ = most->bytes;
    return;
  }
  hub_.viewer_message(*this, message);
}

void AgentViewer::agent_clipboard_too_large(spice::Selection selection) {
  hub_.viewer_clipboard_too_large(*this, selection);
}

}  // namespace cassia::server
