// SPDX-License-Identifier: Apache-2.0
#include "server/gateway/inputs_viewer.h"

#include "server/gateway/vm.h"

namespace cassia::server {
namespace {

/// More keys than anybody holds at once; further ones are not pressed: each must be released again.
constexpr std::size_t most_keys = 64;

}  // namespace

InputsViewer::~InputsViewer() {
  release_all();
  vm_.remove(this);
}

std::unique_ptr<channels::Channel> InputsViewer::make_channel() {
  auto channel = channels::InputsServer::create(*this);
  channel_ = channel.get();
  return channel;
}

void InputsViewer::inputs_opened() {
  open_ = true;
  vm_.add(this);
  if (vm_.modifiers() != 0) send_modifiers(vm_.modifiers());
}

void InputsViewer::send_modifiers(std::uint16_t modifiers) {
  if (open_) channel_->send_modifiers(modifiers);
}

void InputsViewer::inputs_key_down(std::uint32_t scancode) {
  if (keys_.size() >= most_keys && keys_.count(scancode) == 0) return;
  keys_.insert(scancode);
  vm_.guest().key_down(scancode);
}

void InputsViewer::inputs_key_up(std::uint32_t scancode) {
  keys_.erase(scancode);
  vm_.guest().key_up(scancode);
}

void InputsViewer::inputs_modifiers(std::uint16_t modifiers) {
  vm_.guest().key_modifiers(modifiers);
}

void InputsViewer::inputs_mouse_motion(std::int32_t dx, std::int32_t dy,
                                       channels::ButtonMask held) {
  note_held(held);
  vm_.guest().mouse_motion(dx, dy, held);
}

void InputsViewer::inputs_mouse_position(std::uint32_t x, std::uint32_t y,
                                         channels::ButtonMask held, std::uint8_t display) {
  note_held(held);
  vm_.guest().mouse_position(x, y, held, display);
}

/// A motion that says that a button is held presses it, without a press of its own.
void InputsViewer::note_held(channels::ButtonMask held) {
  const int last = static_cast<int>(channels::MouseButton::extra);
  for (int button = 1; button <= last; ++button) {
    if ((held >> (button - 1) & 1) != 0)
      buttons_.insert(static_cast<channels::MouseButton>(button));
  }
}

void InputsViewer::inputs_mouse_press(channels::MouseButton button, channels::ButtonMask held) {
  buttons_.insert(button);
  vm_.guest().mouse_press(button, held);
}

void InputsViewer::inputs_mouse_release(channels::MouseButton button, channels::ButtonMask held) {
  buttons_.erase(button);
  vm_.guest().mouse_release(button, held);
}

void InputsViewer::inputs_closed(const Error&) {
  open_ = false;
  release_all();
  vm_.remove(this);
}

void InputsViewer::release_all() {
  for (const std::uint32_t key : std::exchange(keys_, {})) vm_.guest().key_up(key);
  for (const auto button : std::exchange(buttons_, {})) vm_.guest().mouse_release(button, 0);
}

}  // namespace cassia::server
