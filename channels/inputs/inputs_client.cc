// SPDX-License-Identifier: Apache-2.0
#include <spice/enums.h>
#include <spice/protocol.h>

#include <algorithm>
#include <limits>

#include "channels/inputs/inputs_channel.h"
#include "protocol/spice/inputs_messages.h"

namespace cassia::channels {
namespace {

// Two bunches may be on their way: the acknowledgement of the first travels meanwhile.
constexpr int max_unacked = 2 * SPICE_INPUT_MOTION_ACK_BUNCH;

/// The bytes of a code, the first in the low byte; a release sets the high bit of each that is not
/// a prefix (0xE0: one byte follows, 0xE1: two do).
Bytes code_bytes(std::uint32_t scancode, bool release) {
  Bytes bytes;
  do {
    auto byte = static_cast<std::uint8_t>(scancode);
    const bool prefix = byte == 0xe0 || byte == 0xe1;
    if (release && !prefix) byte |= 0x80;
    bytes.push_back(byte);
    scancode >>= 8;
  } while (scancode != 0);
  return bytes;
}

std::uint32_t packed(const Bytes& bytes) {
  std::uint32_t code = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) code = code << 8 | bytes[i - 1];
  return code;
}

class Client final : public InputsClient {
 public:
  explicit Client(InputsClientEvents& events) : events_(events) {}

  spice::Capabilities capabilities() const override { return {SPICE_INPUTS_CAP_KEY_SCANCODE}; }
  Result<void> on_message(std::uint16_t type, ByteView body, TimePoint now) override;
  void on_closed(const Error& why) override { events_.inputs_closed(why); }

  void key_down(std::uint32_t scancode) override { key(scancode, false); }
  void key_up(std::uint32_t scancode) override { key(scancode, true); }
  void key_modifiers(std::uint16_t modifiers) override {
    send(SPICE_MSGC_INPUTS_KEY_MODIFIERS, wire::encode(spice::KeyModifiersState{modifiers}));
  }
  void mouse_motion(std::int32_t dx, std::int32_t dy, ButtonMask held) override;
  void mouse_position(std::uint32_t x, std::uint32_t y, ButtonMask held,
                      std::uint8_t display) override;
  void mouse_press(MouseButton button, ButtonMask held) override {
    flush_motion();
    send(SPICE_MSGC_INPUTS_MOUSE_PRESS,
         wire::encode(spice::MouseButtonEvent{static_cast<std::uint8_t>(button), held}));
  }
  void mouse_release(MouseButton button, ButtonMask held) override {
    flush_motion();
    send(SPICE_MSGC_INPUTS_MOUSE_RELEASE,
         wire::encode(spice::MouseButtonEvent{static_cast<std::uint8_t>(button), held}));
  }

 private:
  void key(std::uint32_t scancode, bool release);
  void flush_motion();
  void motion_acked();

  InputsClientEvents& events_;
  int unacked_ = 0;
  spice::MouseMotion motion_;
  bool motion_waits_ = false;
  spice::MousePosition position_;
  bool position_waits_ = false;
};

void Client::key(std::uint32_t scancode, bool release) {
  Bytes bytes = code_bytes(scancode, release);
  if (link()->peer_capabilities().has(SPICE_INPUTS_CAP_KEY_SCANCODE)) {
    return send(SPICE_MSGC_INPUTS_KEY_SCANCODE, std::move(bytes));
  }
  send(release ? SPICE_MSGC_INPUTS_KEY_UP : SPICE_MSGC_INPUTS_KEY_DOWN,
       wire::encode(spice::KeyCode{packed(bytes)}));
}

/// Merged motion may come from a peer that says anything.
std::int32_t sum(std::int32_t a, std::int32_t b) {
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  return static_cast<std::int32_t>(std::clamp(std::int64_t{a} + b, -most, most));
}

void Client::mouse_motion(std::int32_t dx, std::int32_t dy, ButtonMask held) {
  motion_.dx = sum(motion_.dx, dx);
  motion_.dy = sum(motion_.dy, dy);
  motion_.buttons = held;
  motion_waits_ = true;
  if (unacked_ < max_unacked) flush_motion();
}

void Client::mouse_position(std::uint32_t x, std::uint32_t y, ButtonMask held,
                            std::uint8_t display) {
  position_ = {x, y, held, display};
  position_waits_ = true;
  if (unacked_ < max_unacked) flush_motion();
}

// A press must find the pointer where it is: it takes along motion that waits for an ack. So at
// most one motion of each kind goes out beyond the window for each press, as with spice-gtk.
void Client::flush_motion() {
  if (motion_waits_) {
    send(SPICE_MSGC_INPUTS_MOUSE_MOTION, wire::encode(motion_));
    motion_ = {};
    motion_waits_ = false;
    ++unacked_;
  }
  if (position_waits_) {
    send(SPICE_MSGC_INPUTS_MOUSE_POSITION, wire::encode(position_));
    position_waits_ = false;
    ++unacked_;
  }
}

void Client::motion_acked() {
  unacked_ = std::max(0, unacked_ - SPICE_INPUT_MOTION_ACK_BUNCH);
  if (unacked_ < max_unacked) flush_motion();
}

Result<void> Client::on_message(std::uint16_t type, ByteView body, TimePoint) {
  switch (type) {
    case SPICE_MSG_INPUTS_INIT:
    case SPICE_MSG_INPUTS_KEY_MODIFIERS:
      events_.inputs_modifiers(CASSIA_TRY(wire::parse<spice::KeyModifiersState>(body)).modifiers);
      return {};
    case SPICE_MSG_INPUTS_MOUSE_MOTION_ACK:
      return motion_acked(), Result<void>{};
    default:
      return {};
  }
}

}  // namespace

std::unique_ptr<InputsClient> InputsClient::create(InputsClientEvents& events) {
  return std::make_unique<Client>(events);
}

}  // namespace cassia::channels
