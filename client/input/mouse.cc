// SPDX-License-Identifier: Apache-2.0
#include "client/input/mouse.h"

#include <array>
#include <optional>

namespace cassia::client {
namespace {

using channels::ButtonMask;
using channels::MouseButton;

ButtonMask mask_of(MouseButton button) {
  // SPICE_MOUSE_BUTTON_MASK_*: the wheel has bits of its own between the right and side buttons.
  return static_cast<ButtonMask>(1u << (static_cast<unsigned>(button) - 1));
}

std::optional<MouseButton> from_sdl(int button) {
  constexpr std::array buttons = {MouseButton::left, MouseButton::middle, MouseButton::right,
                                  MouseButton::side, MouseButton::extra};
  if (button < 1 || button > static_cast<int>(buttons.size())) return std::nullopt;
  return buttons[static_cast<std::size_t>(button - 1)];
}

}  // namespace

void Mouse::set_grabbed(bool grabbed) {
  if (!grabbed) release_all();
  grabbed_ = grabbed;
}

void Mouse::move(raster::Point window, std::int32_t dx, std::int32_t dy) {
  if (!reaches_guest()) return;
  if (mode_ == channels::MouseMode::server) {
    if (dx != 0 || dy != 0) sink_.mouse_motion(dx, dy, held_);
    return;
  }
  if (viewport_.area().empty()) return;
  const raster::Point at = viewport_.to_guest(window);
  sink_.mouse_position(static_cast<std::uint32_t>(at.x), static_cast<std::uint32_t>(at.y), held_,
                       display_);
}

void Mouse::button(int button, bool down) {
  const auto which = from_sdl(button);
  if (!which || !reaches_guest()) return;
  const ButtonMask mask = mask_of(*which);
  if (down) {
    held_ |= mask;
    sink_.mouse_press(*which, held_);
  } else if ((held_ & mask) != 0) {
    held_ &= static_cast<ButtonMask>(~mask);
    sink_.mouse_release(*which, held_);
  }
}

void Mouse::wheel(double steps) {
  if (!reaches_guest()) return;
  wheel_ += steps;
  while (wheel_ >= 1 || wheel_ <= -1) {
    const bool up = wheel_ > 0;
    const MouseButton button = up ? MouseButton::wheel_up : MouseButton::wheel_down;
    sink_.mouse_press(button, static_cast<ButtonMask>(held_ | mask_of(button)));
    sink_.mouse_release(button, held_);
    wheel_ += up ? -1 : 1;
  }
}

void Mouse::release_all() {
  for (int button = 1; button <= 5; ++button) {
    if ((held_ & mask_of(*from_sdl(button))) != 0) this->button(button, false);
  }
  held_ = 0;
  wheel_ = 0;
}

}  // namespace cassia::client
