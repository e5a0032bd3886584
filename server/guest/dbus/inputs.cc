// SPDX-License-Identifier: Apache-2.0
#include "server/guest/dbus/inputs.h"

#include <algorithm>

#include "base/log.h"
#include "render/raster/bitmap.h"

namespace cassia::server::dbus {

using channels::ButtonMask;
using channels::MouseButton;

namespace {

constexpr char keyboard[] = "org.qemu.Display1.Keyboard";
constexpr char mouse[] = "org.qemu.Display1.Mouse";

constexpr std::uint32_t pause_key = 0x451de1;
constexpr std::uint32_t extended = 0xe0;

/// A mouse moves at most so far at once, whatever a peer says.
std::int32_t step(std::int64_t d) {
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(d, -16384, 16384));
}

struct Lock {
  std::uint16_t light;
  std::uint32_t qnum;
};
constexpr Lock locks[] = {{channels::KeyModifiers::scroll_lock, 0x46},
                          {channels::KeyModifiers::num_lock, 0x45},
                          {channels::KeyModifiers::caps_lock, 0x3a}};

}  // namespace

std::uint32_t qnum_of(std::uint32_t scancode) {
  if (scancode == pause_key) return 0xc6;
  if (scancode > 0 && scancode < 0x80) return scancode;
  const std::uint32_t code = scancode >> 8;
  return (scancode & 0xff) == extended && code > 0 && code < 0x80 ? code | 0x80 : 0;
}

void Inputs::send(const char* interface, const char* member, const Fill& fill, bool motion) {
  ++unanswered_;
  if (motion) ++motions_;
  bus_->call({path_.c_str(), interface, member}, fill,
             [weak = weak_from_this(), motion](const Result<sd_bus_message*>& reply) {
               const auto self = weak.lock();
               if (!self) return;
               if (!reply) log_debug("dbus", "{}", reply.error().message());
               --self->unanswered_;
               if (motion) --self->motions_;
               self->move();
             });
}

void Inputs::key(std::uint32_t scancode, bool down) {
  if (const std::uint32_t qnum = qnum_of(scancode); qnum != 0) send_key(qnum, down);
}

void Inputs::send_key(std::uint32_t qnum, bool down) {
  // Releases go on, or a key would be held for ever; each had its press.
  if (down && unanswered_ >= most_unanswered) return;
  send(
      keyboard, down ? "Press" : "Release",
      [qnum](sd_bus_message* m) { return sd_bus_message_append(m, "u", qnum); }, false);
}

void Inputs::want_lights(std::uint16_t lights) {
  for (const Lock& lock : locks) {
    if (((lights ^ lights_) & lock.light) == 0) continue;
    send_key(lock.qnum, true);
    send_key(lock.qnum, false);
    // Until the guest says otherwise: a second wish must not press the key again.
    lights_ ^= lock.light;
  }
}

void Inputs::motion(std::int32_t dx, std::int32_t dy, ButtonMask held) {
  hold(held);
  // A guest with a tablet takes no motion: it is told where that leads.
  if (absolute_) {
    at_ = {at_.x + step(dx), at_.y + step(dy)};
  } else {
    dx_ = step(std::int64_t{dx_} + dx);
    dy_ = step(std::int64_t{dy_} + dy);
  }
  moved_ = true;
  move();
}

void Inputs::position(std::uint32_t x, std::uint32_t y, ButtonMask held) {
  if (!absolute_) return hold(held);
  constexpr auto far = static_cast<std::uint32_t>(raster::max_side);
  at_ = {static_cast<std::int32_t>(std::min(x, far)), static_cast<std::int32_t>(std::min(y, far))};
  moved_ = true;
  hold(held);
  move();
}

void Inputs::move(bool at_once) {
  if (!moved_ || (motions_ >= most_motions && !at_once)) return;
  moved_ = false;
  if (!absolute_) {
    const std::int32_t dx = std::exchange(dx_, 0), dy = std::exchange(dy_, 0);
    return send(
        mouse, "RelMotion",
        [dx, dy](sd_bus_message* m) { return sd_bus_message_append(m, "ii", dx, dy); }, true);
  }
  if (screen_.empty()) return;
  at_ = {std::clamp(at_.x, 0, screen_.width - 1), std::clamp(at_.y, 0, screen_.height - 1)};
  const auto x = static_cast<std::uint32_t>(at_.x), y = static_cast<std::uint32_t>(at_.y);
  send(
      mouse, "SetAbsPosition",
      [x, y](sd_bus_message* m) { return sd_bus_message_append(m, "uu", x, y); }, true);
}

/// A motion that says that a button is held presses it.
void Inputs::hold(ButtonMask held) {
  for (unsigned index = 0; index < static_cast<unsigned>(MouseButton::extra); ++index) {
    button(index, (held >> index & 1) != 0);
  }
}

void Inputs::press(MouseButton button_) { button(static_cast<unsigned>(button_) - 1, true); }
void Inputs::release(MouseButton button_) { button(static_cast<unsigned>(button_) - 1, false); }

// SPICE's buttons count from 1, QEMU's from 0, in the same order.
void Inputs::button(unsigned index, bool down) {
  const auto bit = static_cast<ButtonMask>(1u << index);
  if (((held_ & bit) != 0) == down || index >= static_cast<unsigned>(MouseButton::extra)) return;
  if (down && unanswered_ >= most_unanswered) return;
  held_ = static_cast<ButtonMask>(held_ ^ bit);
  // Where the pointer is now, not where the guest was told last.
  move(true);
  send(
      mouse, down ? "Press" : "Release",
      [index](sd_bus_message* m) { return sd_bus_message_append(m, "u", index); }, false);
}

}  // namespace cassia::server::dbus
