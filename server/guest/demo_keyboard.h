// SPDX-License-Identifier: Apache-2.0
#pragma once

// Scan codes (set 1, US layout) to characters, for the demo guest's terminal.

#include <cstdint>

namespace cassia::server {

class DemoKeyboard {
 public:
  /// The character of a key press, '\n' and '\b' included; 0 if it makes none.
  char key_down(std::uint32_t scancode);
  void key_up(std::uint32_t scancode);

 private:
  bool shift_ = false;
  bool caps_ = false;
};

}  // namespace cassia::server
