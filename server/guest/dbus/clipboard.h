// SPDX-License-Identifier: Apache-2.0
#pragma once

// The clipboard of QEMU (org.qemu.Display1.Clipboard, both ways) as messages of a guest's agent.
// Text only: that is what QEMU carries.
//
// QEMU stands still, and the guest with it, while it waits for an answer to Request. So what a
// viewer copies is fetched when it is copied, and QEMU hears of it only once it is here.

#include <array>
#include <deque>
#include <memory>
#include <string>

#include "protocol/spice/agent_messages.h"
#include "server/guest/dbus/bus.h"

namespace cassia::server::dbus {

class Clipboard final : public std::enable_shared_from_this<Clipboard> {
 public:
  /// Bytes of text either way.
  static constexpr std::size_t most_text = std::size_t{16} << 20;
  static constexpr std::size_t most_questions = 64;

  /// `say` takes what the guest's agent would say; never called from inside hear().
  using Say = std::function<void(const spice::AgentMessage&)>;
  Clipboard(std::shared_ptr<Bus> bus, Say say) : bus_(std::move(bus)), say_(std::move(say)) {}

  /// Registers with QEMU. Errors: of the connection.
  Result<void> start();
  /// The four clipboard messages of a viewer; others are ignored.
  void hear(const spice::AgentMessage& message);
  void close() { closed_ = true; }

  static const sd_bus_vtable methods[];

 private:
  struct Selection {
    bool guest_holds = false;   ///< QEMU has grabbed it
    bool viewer_holds = false;  ///< a viewer has; its text is asked for, or here
    bool here = false;
    SharedBytes text;
    unsigned unanswered = 0;                     ///< questions to viewers
    std::deque<spice::ClipboardType> questions;  ///< of viewers; the first is with QEMU
  };
  Selection& at(spice::Selection s) { return selections_[static_cast<std::size_t>(s)]; }
  void later(spice::AgentMessage message);
  void viewer_grabbed(const spice::ClipboardGrab& grab);
  void viewer_released(spice::Selection selection);
  void viewer_answered(const spice::ClipboardData& data);
  void viewer_asks(const spice::ClipboardRequest& request);
  void ask_qemu(spice::Selection selection);
  void answer_viewer(spice::Selection selection, SharedBytes text);

  Result<void> on_register(sd_bus_message*);
  Result<void> on_unregister(sd_bus_message*);
  Result<void> on_grab(sd_bus_message* message);
  Result<void> on_release(sd_bus_message* message);
  static int on_request(sd_bus_message* message, void* self, sd_bus_error* error);

  const std::shared_ptr<Bus> bus_;
  const Say say_;
  std::array<Selection, spice::selection_count> selections_;
  std::uint32_t serial_ = 0;  ///< of the newest grab on either side
  bool closed_ = false;
};

}  // namespace cassia::server::dbus
