// SPDX-License-Identifier: Apache-2.0
#include "client/input/typing.h"

#include <optional>

namespace cassia::client {
namespace {

// The typing rows of a US keyboard: characters without and with shift, and the first scan code.
struct Row {
  std::string_view lower;
  std::string_view upper;
  std::uint32_t first_code;
};
constexpr Row rows[] = {
    {"1234567890-=", "!@#$%^&*()_+", 0x02},
    {"qwertyuiop[]", "QWERTYUIOP{}", 0x10},
    {"asdfghjkl;'`", "ASDFGHJKL:\"~", 0x1E},
    {"\\zxcvbnm,./", "|ZXCVBNM<>?", 0x2B},
};

std::optional<KeyStroke> stroke_for(char c) {
  switch (c) {
    case ' ':
      return KeyStroke{0x39, false};
    case '\n':
      return KeyStroke{enter_code, false};
    case '\t':
      return KeyStroke{0x0F, false};
    case '\b':
      return KeyStroke{0x0E, false};
    case '\x1b':
      return KeyStroke{0x01, false};
    default:
      break;
  }
  for (const Row& row : rows) {
    if (auto at = row.lower.find(c); at != std::string_view::npos) {
      return KeyStroke{row.first_code + static_cast<std::uint32_t>(at), false};
    }
    if (auto at = row.upper.find(c); at != std::string_view::npos) {
      return KeyStroke{row.first_code + static_cast<std::uint32_t>(at), true};
    }
  }
  return std::nullopt;
}

char unescape(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'e':
      return '\x1b';
    case '\\':
      return '\\';
    default:
      return '\0';
  }
}

}  // namespace

Result<std::vector<KeyStroke>> strokes_for_text(std::string_view text) {
  std::vector<KeyStroke> strokes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      // A backslash before any other character is itself.
      if (const char meant = unescape(text[i + 1]); meant != '\0') {
        c = meant;
        ++i;
      }
    }
    const auto stroke = stroke_for(c);
    if (!stroke) {
      return fail(ErrorKind::invalid_argument,
                  "--type: byte {:#04x} at position {} is not on a US keyboard",
                  static_cast<unsigned char>(c), i);
    }
    strokes.push_back(*stroke);
  }
  return strokes;
}

}  // namespace cassia::client
