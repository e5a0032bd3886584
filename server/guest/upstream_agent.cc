// SPDX-License-Identifier: Apache-2.0
#include "server/guest/upstream_agent.h"

#include <spice/vd_agent.h>

#include "base/log.h"

namespace cassia::server {

UpstreamAgent::UpstreamAgent(channels::AgentPipe& pipe, GuestAgentEvents& events)
    : events_(events),
      peer_(channels::AgentPeer::Role::client, channels::agent_client_capabilities(), pipe, *this) {
}

void UpstreamAgent::connected(bool connected) {
  if (connected) return peer_.start();
  peer_.stop();
  if (std::exchange(up_, false)) events_.guest_agent_down();
}

void UpstreamAgent::data(ByteView bytes) {
  if (const auto taken = peer_.receive(bytes); !taken) {
    log_warn("upstream", "the guest's agent is ignored until it restarts: {}",
             taken.error().message());
    connected(false);
  }
}

void UpstreamAgent::writable() {
  if (up_) events_.guest_agent_writable();
}

bool UpstreamAgent::congested() const {
  return peer_.pipe().agent_backlog() >= channels::agent_bulk_backlog;
}

void UpstreamAgent::agent_capabilities(const spice::Capabilities& theirs) {
  if (theirs.has(VD_AGENT_CAP_MAX_CLIPBOARD)) {
    (void)peer_.send(
        spice::AgentMaxClipboard{static_cast<std::int32_t>(spice::AgentLimits{}.clipboard)});
  }
  up_ = true;
  events_.guest_agent_up(theirs);
}

}  // namespace cassia::server
