// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where input goes: the session (which sends it), or a recorder in tests.

#include "channels/inputs/inputs_channel.h"

namespace cassia::client {

/// The sending half of channels::InputsClient. Session implements it for any thread.
class InputSink {
 public:
  virtual ~InputSink() = default;
  virtual void key_down(std::uint32_t scancode) = 0;
  virtual void key_up(std::uint32_t scancode) = 0;
  virtual void key_modifiers(std::uint16_t modifiers) = 0;
  virtual void mouse_motion(std::int32_t dx, std::int32_t dy, channels::ButtonMask held) = 0;
  virtual void mouse_position(std::uint32_t x, std::uint32_t y, channels::ButtonMask held,
                              std::uint8_t display) = 0;
  virtual void mouse_press(channels::MouseButton button, channels::ButtonMask held) = 0;
  virtual void mouse_release(channels::MouseButton button, channels::ButtonMask held) = 0;
};

}  // namespace cassia::client
