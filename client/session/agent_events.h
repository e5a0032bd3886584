// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the guest's agent tells the main thread.

#include <variant>

#include "channels/agent/agent_files.h"

namespace cassia::client {

/// The agent has come, can do other things than before, or has gone.
struct AgentState {
  bool up = false;
  spice::Capabilities caps;  ///< VD_AGENT_CAP_*
};
/// The guest owns a selection now. Ask with AgentLink::request() for what is wanted of it.
struct ClipboardGrabbed {
  spice::Selection selection;
  std::vector<spice::ClipboardType> types;
};
/// It does no longer; the last contents may stay.
struct ClipboardReleased {
  spice::Selection selection;
};
/// The guest wants what was grabbed here: answer with AgentLink::provide(), in any case.
struct ClipboardWanted {
  spice::Selection selection;
  spice::ClipboardType type;
};
/// The answer to request(); type none: there is nothing.
struct ClipboardContents {
  spice::Selection selection;
  spice::ClipboardType type;
  SharedBytes data;
};
struct FileMoved {
  channels::FileProgress progress;
};

struct AgentEvent {
  std::variant<AgentState, ClipboardGrabbed, ClipboardReleased, ClipboardWanted, ClipboardContents,
               FileMoved>
      change;
};

}  // namespace cassia::client
