// SPDX-License-Identifier: Apache-2.0
#include "client/input/hotkeys.h"

#include <SDL_scancode.h>

namespace cassia::client {

HotkeyAction Hotkeys::action_for(int sdl_scancode) const {
  if (ctrl_ && alt_) {
    if (sdl_scancode == SDL_SCANCODE_RETURN) return HotkeyAction::toggle_fullscreen;
    if (sdl_scancode == SDL_SCANCODE_D) return HotkeyAction::toggle_panel;
    return HotkeyAction::none;  // Ctrl+Alt+F11 and F12 switch the guest's consoles
  }
  if (!function_keys_) return HotkeyAction::none;
  if (sdl_scancode == SDL_SCANCODE_F11) return HotkeyAction::toggle_fullscreen;
  if (sdl_scancode == SDL_SCANCODE_F12) return HotkeyAction::toggle_panel;
  return HotkeyAction::none;
}

HotkeyResult Hotkeys::feed(int sdl_scancode, bool down, bool repeat) {
  const bool is_ctrl = sdl_scancode == SDL_SCANCODE_LCTRL || sdl_scancode == SDL_SCANCODE_RCTRL;
  // The right Alt is AltGr on many keyboards: only the left one counts.
  const bool is_alt = sdl_scancode == SDL_SCANCODE_LALT;
  if (is_ctrl || is_alt) {
    if (repeat) return {};
    const bool chord_ends = !down && chord_clean_;
    (is_ctrl ? ctrl_ : alt_) = down;
    chord_clean_ = down && ctrl_ && alt_;
    return {chord_ends ? HotkeyAction::release_pointer : HotkeyAction::none, false};
  }
  if (!down) {
    if (sdl_scancode != consumed_key_) return {};
    consumed_key_ = -1;
    return {HotkeyAction::none, true};
  }
  chord_clean_ = false;
  // What is held already has its owner: the guest, or a hotkey that acts once.
  if (repeat) return {HotkeyAction::none, sdl_scancode == consumed_key_};
  const HotkeyAction action = action_for(sdl_scancode);
  if (action == HotkeyAction::none) return {};
  consumed_key_ = sdl_scancode;
  return {action, true};
}

}  // namespace cassia::client
