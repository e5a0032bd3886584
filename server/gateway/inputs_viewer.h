// SPDX-License-Identifier: Apache-2.0
#pragma once

// One viewer's inputs channel: what it types and clicks goes to the guest. When it goes, the keys
// and buttons that it holds are released.

#include <set>

#include "channels/inputs/inputs_channel.h"

namespace cassia::server {

class Vm;

/// Must not outlive the Vm.
class InputsViewer final : public channels::InputsServerEvents {
 public:
  explicit InputsViewer(Vm& vm) : vm_(vm) {}
  ~InputsViewer() override;
  InputsViewer(const InputsViewer&) = delete;
  InputsViewer& operator=(const InputsViewer&) = delete;

  std::unique_ptr<channels::Channel> make_channel();
  void send_modifiers(std::uint16_t modifiers);

 private:
  void inputs_opened() override;
  void inputs_key_down(std::uint32_t scancode) override;
  void inputs_key_up(std::uint32_t scancode) override;
  void inputs_modifiers(std::uint16_t modifiers) override;
  void inputs_mouse_motion(std::int32_t dx, std::int32_t dy, channels::ButtonMask held) override;
  void inputs_mouse_position(std::uint32_t x, std::uint32_t y, channels::ButtonMask held,
                             std::uint8_t display) override;
  void inputs_mouse_press(channels::MouseButton button, channels::ButtonMask held) override;
  void inputs_mouse_release(channels::MouseButton button, channels::ButtonMask held) override;
  void inputs_closed(const Error& why) override;
  void note_held(channels::ButtonMask held);
  void release_all();

  Vm& vm_;
  channels::InputsServer* channel_ = nullptr;
  bool open_ = false;
  std::set<std::uint32_t> keys_;
  std::set<channels::MouseButton> buttons_;
};

}  // namespace cassia::server
