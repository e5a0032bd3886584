// SPDX-License-Identifier: Apache-2.0
#include <spice/enums.h>
#include <spice/protocol.h>

#include "channels/inputs/inputs_channel.h"
#include "protocol/spice/inputs_messages.h"

namespace cassia::channels {
namespace {

/// Without the release bits: the high bit of every byte that is not a prefix.
std::uint32_t without_release(std::uint32_t code) {
  std::uint32_t out = 0;
  for (int shift = 0; shift < 32; shift += 8) {
    const std::uint32_t byte = code >> shift & 0xff;
    out |= (byte == 0xe0 || byte == 0xe1 ? byte : byte & 0x7f) << shift;
  }
  return out;
}

class Server final : public InputsServer {
 public:
  explicit Server(InputsServerEvents& events) : events_(events) {}

  void on_open() override {
    send(SPICE_MSG_INPUTS_INIT, wire::encode(spice::KeyModifiersState{}));
    events_.inputs_opened();
  }
  Result<void> on_message(std::uint16_t type, ByteView body, TimePoint now) override;
  void on_closed(const Error& why) override { events_.inputs_closed(why); }
  void send_modifiers(std::uint16_t modifiers) override {
    send(SPICE_MSG_INPUTS_KEY_MODIFIERS, wire::encode(spice::KeyModifiersState{modifiers}));
  }

 private:
  void count_motion() {
    if (++motions_ < SPICE_INPUT_MOTION_ACK_BUNCH) return;
    motions_ = 0;
    send(SPICE_MSG_INPUTS_MOUSE_MOTION_ACK, {});
  }
  void on_scancodes(ByteView codes);
  Result<void> on_pointer(std::uint16_t type, ByteView body);

  InputsServerEvents& events_;
  int motions_ = 0;
  std::uint32_t partial_ = 0;  // a code whose last bytes have not come: the first in the low byte
  int partial_bytes_ = 0;
  int missing_ = 0;
};

// Bytes as a keyboard sends them: one more belongs to 0xE0, two to 0xE1 (Pause). A code may be cut
// between two messages.
void Server::on_scancodes(ByteView codes) {
  for (const std::uint8_t code : codes) {
    const bool prefix = code == 0xe0 || code == 0xe1;
    if (prefix) {
      partial_ = code;
      partial_bytes_ = 1;
      missing_ = code == 0xe0 ? 1 : 2;
      continue;
    }
    partial_ |= std::uint32_t{code} << (8 * partial_bytes_++);
    if (missing_ > 1) {
      --missing_;
      continue;
    }
    const std::uint32_t scancode = without_release(std::exchange(partial_, 0));
    missing_ = partial_bytes_ = 0;
    if ((code & 0x80) != 0) {
      events_.inputs_key_up(scancode);
    } else {
      events_.inputs_key_down(scancode);
    }
  }
}

Result<void> Server::on_pointer(std::uint16_t type, ByteView body) {
  if (type == SPICE_MSGC_INPUTS_MOUSE_MOTION) {
    const auto m = CASSIA_TRY(wire::parse<spice::MouseMotion>(body));
    count_motion();
    events_.inputs_mouse_motion(m.dx, m.dy, m.buttons);
    return {};
  }
  if (type == SPICE_MSGC_INPUTS_MOUSE_POSITION) {
    const auto m = CASSIA_TRY(wire::parse<spice::MousePosition>(body));
    count_motion();
    events_.inputs_mouse_position(m.x, m.y, m.buttons, m.display);
    return {};
  }
  const auto m = CASSIA_TRY(wire::parse<spice::MouseButtonEvent>(body));
  if (m.button < SPICE_MOUSE_BUTTON_LEFT || m.button > SPICE_MOUSE_BUTTON_EXTRA) return {};
  if (type == SPICE_MSGC_INPUTS_MOUSE_PRESS) {
    events_.inputs_mouse_press(static_cast<MouseButton>(m.button), m.buttons);
  } else {
    events_.inputs_mouse_release(static_cast<MouseButton>(m.button), m.buttons);
  }
  return {};
}

Result<void> Server::on_message(std::uint16_t type, ByteView body, TimePoint) {
  switch (type) {
    case SPICE_MSGC_INPUTS_KEY_DOWN:
      events_.inputs_key_down(CASSIA_TRY(wire::parse<spice::KeyCode>(body)).code);
      return {};
    case SPICE_MSGC_INPUTS_KEY_UP:
      events_.inputs_key_up(without_release(CASSIA_TRY(wire::parse<spice::KeyCode>(body)).code));
      return {};
    case SPICE_MSGC_INPUTS_KEY_MODIFIERS:
      events_.inputs_modifiers(CASSIA_TRY(wire::parse<spice::KeyModifiersState>(body)).modifiers);
      return {};
    case SPICE_MSGC_INPUTS_KEY_SCANCODE:
      return on_scancodes(body), Result<void>{};
    case SPICE_MSGC_INPUTS_MOUSE_MOTION:
    case SPICE_MSGC_INPUTS_MOUSE_POSITION:
    case SPICE_MSGC_INPUTS_MOUSE_PRESS:
    case SPICE_MSGC_INPUTS_MOUSE_RELEASE:
      return on_pointer(type, body);
    default:
      return fail(ErrorKind::malformed, "unknown inputs message {}", type);
  }
}

}  // namespace

std::unique_ptr<InputsServer> InputsServer::create(InputsServerEvents& events) {
  return std::make_unique<Server>(events);
}

}  // namespace cassia::channels
