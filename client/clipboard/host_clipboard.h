// SPDX-License-Identifier: Apache-2.0
#pragma once

// The clipboards of this machine, by demand: who owns a selection says what kinds of contents there
// are, and contents travel when somebody pastes. Kinds are those of the guest's agent. A list of
// files is in the agent's form (protocol/spice/file_list.h) with paths of this machine.

#include <vector>

#include "base/bytes.h"
#include "protocol/spice/agent_messages.h"

namespace cassia::client {

using ClipboardTypes = std::vector<spice::ClipboardType>;

/// What other programs of this machine do with its clipboards.
class HostClipboardEvents {
 public:
  virtual ~HostClipboardEvents() = default;
  /// A program owns the selection now and can give these; empty: nobody does, or nothing of use.
  virtual void host_offers(spice::Selection selection, const ClipboardTypes& types) = 0;
  /// A program pastes what the guest owns: give() must follow, once, in any case.
  virtual void host_wants(spice::Selection selection, spice::ClipboardType type) = 0;
  /// The answer to a fetch(), one for each, those of a selection in order; type none: there is
  /// nothing, or too much.
  virtual void host_gave(spice::Selection selection, spice::ClipboardType type,
                         const SharedBytes& data) = 0;
};

/// Main thread only; nothing here blocks.
class HostClipboard {
 public:
  virtual ~HostClipboard() = default;
  /// The guest owns the selection and can give these.
  virtual void offer(spice::Selection selection, const ClipboardTypes& types) = 0;
  /// It does no longer.
  virtual void withdraw(spice::Selection selection) = 0;
  virtual void give(spice::Selection selection, spice::ClipboardType type,
                    const SharedBytes& data) = 0;
  virtual void fetch(spice::Selection selection, spice::ClipboardType type) = 0;
  /// Where changes do not come by themselves: looks for them. `anew`: what is there counts as
  /// changed.
  virtual void look(bool anew) = 0;
  /// Delivers what has happened, on this thread.
  virtual void dispatch(HostClipboardEvents& events) = 0;
};

}  // namespace cassia::client
