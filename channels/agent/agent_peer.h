// SPDX-License-Identifier: Apache-2.0
#pragma once

// One end of the talk between a client and a guest's agent: typed messages both ways over an
// AgentPipe, after each side has announced its capabilities. Clipboard messages have the layout
// that both sides know; grabs bear serial numbers by which both sides agree who was last. Rules
// that vd_agent.h does not state are those of spice-gtk and spice-vdagentd.

#include "channels/main/main_channel.h"
#include "protocol/spice/agent_stream.h"

namespace cassia::channels {

class AgentPeerEvents {
 public:
  virtual ~AgentPeerEvents() = default;
  /// The other side's capabilities (VD_AGENT_CAP_*) are known, or are others now.
  virtual void agent_capabilities(const spice::Capabilities& theirs) = 0;
  /// Anything else that it says. Grabs that lost a race do not come here.
  virtual void agent_message(spice::AgentMessage message) = 0;
  /// It sent clipboard contents beyond the limit: what was asked for does not come.
  virtual void agent_clipboard_too_large(spice::Selection selection) { (void)selection; }
};

class AgentPeer {
 public:
  /// client: towards the guest's agent. agent: towards a client.
  enum class Role { client, agent };

  /// `pipe` and `events` must outlive it.
  AgentPeer(Role role, spice::Capabilities ours, AgentPipe& pipe, AgentPeerEvents& events,
            spice::AgentLimits limits = {});

  /// The other side is there: announces our capabilities and asks for its.
  void start();
  /// It is gone; half a message is forgotten.
  void stop();
  /// Role agent: other capabilities than before, announced at once if started.
  void set_capabilities(spice::Capabilities ours);

  /// Bytes from the other side, cut in any way. Errors: malformed; nothing more will be understood
  /// until the next start().
  Result<void> receive(ByteView bytes);

  /// Sends what the other side has announced to understand: unsupported if it has not, closed if
  /// there is nobody, busy if it does not take its data. Fills in the serial of a grab, and leaves
  /// out or replaces file status that the other side does not know.
  Result<void> send(spice::AgentMessage message);

  bool started() const { return started_; }
  /// The other side has announced its capabilities.
  bool known() const { return known_; }
  bool has(unsigned cap) const { return theirs_.has(cap); }
  const spice::Capabilities& theirs() const { return theirs_; }
  Role role() const { return role_; }
  AgentPipe& pipe() const { return pipe_; }

 private:
  Result<void> on_frame(const spice::AgentFrame& frame);
  void on_capabilities(const spice::AgentCapabilities& message);
  bool grab_is_news(const spice::ClipboardGrab& grab);
  Result<void> check_understood(const spice::AgentMessage& message) const;
  Result<void> send_now(const spice::AgentMessage& message);
  void announce(bool request);

  const Role role_;
  spice::Capabilities ours_;
  AgentPipe& pipe_;
  AgentPeerEvents& events_;
  spice::AgentAssembler assembler_;
  spice::Capabilities theirs_;
  spice::AgentLayout layout_;
  std::array<std::uint32_t, spice::selection_count> serials_{};
  bool started_ = false;
  bool known_ = false;
};

/// What this project's clients announce.
spice::Capabilities agent_client_capabilities();

}  // namespace cassia::channels
