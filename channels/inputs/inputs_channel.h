// SPDX-License-Identifier: Apache-2.0
#pragma once

// The inputs channel, both roles: PC AT scan codes (set 1), relative and absolute pointer, acks.

#include <cstdint>
#include <memory>

#include "channels/link/channel.h"

namespace cassia::channels {

/// Bits of SPICE_MSG_INPUTS_KEY_MODIFIERS.
struct KeyModifiers {
  static constexpr std::uint16_t scroll_lock = 1, num_lock = 2, caps_lock = 4;
};

/// SPICE_MOUSE_BUTTON_*.
enum class MouseButton : std::uint8_t {
  left = 1,
  middle,
  right,
  wheel_up,
  wheel_down,
  side,
  extra
};
/// SPICE_MOUSE_BUTTON_MASK_*: the buttons held.
using ButtonMask = std::uint16_t;

class InputsClientEvents {
 public:
  virtual ~InputsClientEvents() = default;
  virtual void inputs_modifiers(std::uint16_t modifiers) = 0;  ///< the guest's lock lights
  virtual void inputs_closed(const Error& why) = 0;
};

/// Motion is sent at once while fewer than 8 motions are unacknowledged; further ones are merged
/// and leave with the next ack, so a slow guest never builds a queue.
class InputsClient : public Channel {
 public:
  static std::unique_ptr<InputsClient> create(InputsClientEvents& events);
  /// A scan code of set 1: one byte, or 0xE0 in the low byte and the code in the next
  /// (e.g. 0x48E0 is Up), or 0xE1 and two more (0x451DE1 is Pause). Release sets the high bits as
  /// the wire wants them: done here. Goes as KEY_SCANCODE to servers that take it.
  virtual void key_down(std::uint32_t scancode) = 0;
  virtual void key_up(std::uint32_t scancode) = 0;
  virtual void key_modifiers(std::uint16_t modifiers) = 0;
  virtual void mouse_motion(std::int32_t dx, std::int32_t dy,
                            ButtonMask held) = 0;  ///< server mode
  virtual void mouse_position(std::uint32_t x, std::uint32_t y, ButtonMask held,
                              std::uint8_t display) = 0;  ///< client mode
  virtual void mouse_press(MouseButton button, ButtonMask held) = 0;
  virtual void mouse_release(MouseButton button, ButtonMask held) = 0;
};

class InputsServerEvents {
 public:
  virtual ~InputsServerEvents() = default;
  virtual void inputs_opened() = 0;
  virtual void inputs_key_down(std::uint32_t scancode) = 0;  ///< as in InputsClient
  virtual void inputs_key_up(std::uint32_t scancode) = 0;
  virtual void inputs_modifiers(std::uint16_t modifiers) = 0;
  virtual void inputs_mouse_motion(std::int32_t dx, std::int32_t dy, ButtonMask held) = 0;
  virtual void inputs_mouse_position(std::uint32_t x, std::uint32_t y, ButtonMask held,
                                     std::uint8_t display) = 0;
  virtual void inputs_mouse_press(MouseButton button, ButtonMask held) = 0;
  virtual void inputs_mouse_release(MouseButton button, ButtonMask held) = 0;
  virtual void inputs_closed(const Error& why) = 0;
};

/// Sends INIT when opened and acknowledges motion by itself (every SPICE_INPUT_MOTION_ACK_BUNCH).
class InputsServer : public Channel {
 public:
  static std::unique_ptr<InputsServer> create(InputsServerEvents& events);
  virtual void send_modifiers(std::uint16_t modifiers) = 0;
};

}  // namespace cassia::channels
