// SPDX-License-Identifier: Apache-2.0
#pragma once

// Text as the keys of a US keyboard, for `cassia-viewer --type`.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cassia::client {

struct KeyStroke {
  std::uint32_t code = 0;  ///< as channels::InputsClient takes it
  bool shift = false;
  bool operator==(const KeyStroke&) const = default;
};

inline constexpr std::uint32_t left_shift_code = 0x2A;
inline constexpr std::uint32_t enter_code = 0x1C;

/// Printable ASCII, newline (Enter), tab, backspace and escape. `\n`, `\t`, `\e` and `\\` written
/// with a backslash mean the same as the characters. invalid_argument names what cannot be typed.
Result<std::vector<KeyStroke>> strokes_for_text(std::string_view text);

}  // namespace cassia::client
