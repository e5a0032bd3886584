// SPDX-License-Identifier: Apache-2.0
#pragma once

// The clipboard of this machine and the guest's, joined: text of the clipboard and of the primary
// selection (X11's middle click). SDL 2 has no pictures in its clipboard.

#include <array>
#include <string>

#include "client/session/agent_events.h"
#include "client/session/session.h"

namespace cassia::client {

/// What the machine's clipboards can do; SDL's in the viewer.
class HostClipboard {
 public:
  virtual ~HostClipboard() = default;
  virtual std::string text(spice::Selection selection) = 0;  ///< empty if there is none
  virtual void set_text(spice::Selection selection, const std::string& text) = 0;
};
std::unique_ptr<HostClipboard> make_sdl_clipboard();

/// Main thread only.
class ClipboardLink {
 public:
  ClipboardLink(Session& session, HostClipboard& host) : session_(session), host_(host) {}

  void on(const AgentEvent& event);
  /// The machine's clipboard may have changed (SDL_CLIPBOARDUPDATE, the window has the focus).
  void host_changed();

 private:
  void changed(const AgentState& state);
  void changed(const ClipboardGrabbed& grab);
  void changed(const ClipboardReleased&) {}  // what came from the guest may still be pasted here
  void changed(const ClipboardWanted& wish);
  void changed(const ClipboardContents& contents);
  void changed(const FileMoved&) {}

  Session& session_;
  HostClipboard& host_;
  bool up_ = false;
  /// What both sides know, so that a text that came from the guest is not offered back to it.
  std::array<std::string, 2> known_;
};

}  // namespace cassia::client
