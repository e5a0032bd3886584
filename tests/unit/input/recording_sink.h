// SPDX-License-Identifier: Apache-2.0
#pragma once

// Writes down what reaches the guest, one short line an event.

#include <fmt/format.h>

#include <string>
#include <vector>

#include "client/input/input_sink.h"

namespace cassia::client {

class RecordingSink final : public InputSink {
 public:
  void key_down(std::uint32_t code) override { add("down {:x}", code); }
  void key_up(std::uint32_t code) override { add("up {:x}", code); }
  void key_modifiers(std::uint16_t m) override { add("locks {}", m); }
  void mouse_motion(std::int32_t dx, std::int32_t dy, channels::ButtonMask held) override {
    add("motion {},{} {}", dx, dy, held);
  }
  void mouse_position(std::uint32_t x, std::uint32_t y, channels::ButtonMask held,
                      std::uint8_t display) override {
    add("at {},{} {} on {}", x, y, held, display);
  }
  void mouse_press(channels::MouseButton b, channels::ButtonMask held) override {
    add("press {} {}", static_cast<int>(b), held);
  }
  void mouse_release(channels::MouseButton b, channels::ButtonMask held) override {
    add("release {} {}", static_cast<int>(b), held);
  }

  std::vector<std::string> take() { return std::exchange(lines_, {}); }

 private:
  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    lines_.push_back(fmt::format(format, std::forward<Args>(args)...));
  }
  std::vector<std::string> lines_;
};

using Lines = std::vector<std::string>;

}  // namespace cassia::client
