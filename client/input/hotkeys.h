// SPDX-License-Identifier: Apache-2.0
#pragma once

// The few keys that the viewer keeps for itself.

namespace cassia::client {

enum class HotkeyAction {
  none,
  release_pointer,    ///< Ctrl+Alt pressed and let go with nothing between
  toggle_fullscreen,  ///< F11, Ctrl+Alt+Enter
  toggle_panel,       ///< F12, Ctrl+Alt+D
};

struct HotkeyResult {
  HotkeyAction action = HotkeyAction::none;
  bool consumed = false;  ///< the guest must not see this event
};

/// Fed with every key event, in order. Main thread only.
class Hotkeys {
 public:
  /// With `function_keys` off, F11 and F12 are the guest's and only the Ctrl+Alt forms are kept.
  explicit Hotkeys(bool function_keys = true) : function_keys_(function_keys) {}

  HotkeyResult feed(int sdl_scancode, bool down, bool repeat);
  /// Focus lost: forget what is held.
  void reset() { *this = Hotkeys(function_keys_); }

 private:
  HotkeyAction action_for(int sdl_scancode) const;

  bool function_keys_;
  bool ctrl_ = false;
  bool alt_ = false;
  bool chord_clean_ = false;  ///< Ctrl and Alt are down and no other key came since
  int consumed_key_ = -1;     ///< its release is consumed too
};

}  // namespace cassia::client
