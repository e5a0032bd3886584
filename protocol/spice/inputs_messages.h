// SPDX-License-Identifier: Apache-2.0
#pragma once

// Messages of the inputs channel. Numbers: SPICE_MSG_INPUTS_* and SPICE_MSGC_INPUTS_*.

#include <cstdint>

#include "protocol/wire/fields.h"

namespace cassia::spice {

/// INIT and KEY_MODIFIERS of the server, KEY_MODIFIERS of the client.
struct KeyModifiersState {
  static constexpr const char* name = "key_modifiers";
  std::uint16_t modifiers = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.modifiers);
  }
};

/// KEY_DOWN and KEY_UP: scan code bytes in the order of the wire, the first in the low byte.
struct KeyCode {
  static constexpr const char* name = "key";
  std::uint32_t code = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.code);
  }
};

struct MouseMotion {
  static constexpr const char* name = "mouse_motion";
  std::int32_t dx = 0;
  std::int32_t dy = 0;
  std::uint16_t buttons = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.dx, m.dy, m.buttons);
  }
};

struct MousePosition {
  static constexpr const char* name = "mouse_position";
  std::uint32_t x = 0;
  std::uint32_t y = 0;
  std::uint16_t buttons = 0;
  std::uint8_t display = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.x, m.y, m.buttons, m.display);
  }
};

/// MOUSE_PRESS and MOUSE_RELEASE.
struct MouseButtonEvent {
  static constexpr const char* name = "mouse_button";
  std::uint8_t button = 0;
  std::uint16_t buttons = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.button, m.buttons);
  }
};

}  // namespace cassia::spice
