// SPDX-License-Identifier: Apache-2.0
#pragma once

// Keys of the viewer's keyboard as PC AT scan codes of set 1, the form that SPICE carries.
// Source of the table: "USB HID to PS/2 Scan Code Translation Table" (SDL's scan codes are the
// usage ids of the USB keyboard page; those above 255 are SDL's own, for the consumer page).

#include <cstdint>
#include <optional>

namespace cassia::client {

/// One key. `code` is as channels::InputsClient takes it: one byte, or a prefix (0xE0, 0xE1) in the
/// low byte and the code above it. Pause alone needs a second code after the first: E1 1D 45.
struct KeyCode {
  std::uint32_t code = 0;
  std::uint32_t then = 0;  ///< 0: nothing follows
  bool operator==(const KeyCode&) const = default;
};

/// The scan code of an SDL_Scancode, or nothing for keys that a PC keyboard does not have.
std::optional<KeyCode> key_code(int sdl_scancode);

/// Number of SDL's scan codes, for tests that walk all of them.
int sdl_scancode_count();

}  // namespace cassia::client
