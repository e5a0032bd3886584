// SPDX-License-Identifier: Apache-2.0
#pragma once

// The clipboards of this machine and the guest's, joined: both say what they own, and contents
// travel when they are pasted.

#include <array>
#include <functional>
#include <memory>

#include "client/clipboard/host_clipboard.h"
#include "client/session/agent_events.h"
#include "client/session/session.h"

namespace cassia::client {

/// SDL's: text of the clipboard and of the primary selection, nothing else. It cannot promise a
/// text and fetch it when it is pasted: what the guest owns is fetched at once.
std::unique_ptr<HostClipboard> make_sdl_clipboard();

/// The X server's if `x11` and it can be had, else SDL's. `wake`: see make_x11_clipboard().
std::unique_ptr<HostClipboard> make_host_clipboard(bool x11, std::function<void()> wake);

/// Main thread only.
class ClipboardLink final : private HostClipboardEvents {
 public:
  ClipboardLink(Session& session, HostClipboard& host) : session_(session), host_(host) {}

  void on(const AgentEvent& event);
  /// What other programs have done meanwhile.
  void dispatch() { host_.dispatch(*this); }
  /// The machine's clipboard may have changed (SDL_CLIPBOARDUPDATE, the window has the focus).
  void host_changed();

 private:
  void changed(const AgentState& state);
  void changed(const ClipboardGrabbed& grab);
  void changed(const ClipboardReleased& release);
  void changed(const ClipboardWanted& wish);
  void changed(const ClipboardContents& contents);
  void changed(const FileMoved&) {}

  void host_offers(spice::Selection selection, const ClipboardTypes& types) override;
  void host_wants(spice::Selection selection, spice::ClipboardType type) override;
  void host_gave(spice::Selection selection, spice::ClipboardType type,
                 const SharedBytes& data) override;
  ClipboardTypes& offered(spice::Selection selection) {
    return offered_[static_cast<std::size_t>(selection)];
  }

  Session& session_;
  HostClipboard& host_;
  bool up_ = false;
  /// What programs here own, which a new agent is told; nothing where the guest does.
  std::array<ClipboardTypes, spice::selection_count> offered_;
};

}  // namespace cassia::client
