// SPDX-License-Identifier: Apache-2.0
#include "client/input/keyboard.h"

namespace cassia::client {

void Keyboard::press(int sdl_scancode) {
  const auto key = key_code(sdl_scancode);
  if (!key) return;
  const bool repeated = !down_.insert(sdl_scancode).second;
  // Pause is the one key without auto-repeat on a PC keyboard.
  if (repeated && key->then != 0) return;
  sink_.key_down(key->code);
  if (key->then != 0) sink_.key_down(key->then);
}

void Keyboard::release(int sdl_scancode) {
  // A release without a press belongs to a key that went down elsewhere (a hotkey, another window).
  if (down_.erase(sdl_scancode) == 0) return;
  const auto key = key_code(sdl_scancode);
  sink_.key_up(key->code);
  if (key->then != 0) sink_.key_up(key->then);
}

void Keyboard::release_all() {
  while (!down_.empty()) release(*down_.begin());
}

void Keyboard::host_locks(std::uint16_t locks) {
  if (locks == guest_locks_) return;
  sink_.key_modifiers(locks);
  guest_locks_ = locks;
}

}  // namespace cassia::client
