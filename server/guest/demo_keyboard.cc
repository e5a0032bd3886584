// SPDX-License-Identifier: Apache-2.0
#include "server/guest/demo_keyboard.h"

#include <cctype>
#include <string_view>

namespace cassia::server {
namespace {

constexpr std::uint32_t left_shift = 0x2a, right_shift = 0x36, caps_lock = 0x3a, space = 0x39;

// Index: scan code from 1 on; '?' stands for keys without a character, the question mark itself
// being the shifted slash and put in below.
constexpr std::string_view plain =
    "\x1b"
    "1234567890-=\b\tqwertyuiop[]\n\x1b"
    "asdfghjkl;'`\x1b\\zxcvbnm,./";
constexpr std::string_view shifted =
    "\x1b"
    "!@#$%^&*()_+\b\tQWERTYUIOP{}\n\x1b"
    "ASDFGHJKL:\"~\x1b|ZXCVBNM<>?";
constexpr char none = '\x1b';

}  // namespace

char DemoKeyboard::key_down(std::uint32_t scancode) {
  if (scancode == left_shift || scancode == right_shift) shift_ = true;
  if (scancode == caps_lock) caps_ = !caps_;
  if (scancode == space) return ' ';
  if (scancode == 0 || scancode > plain.size()) return 0;
  const char base = plain[scancode - 1];
  const bool upper = std::isalpha(static_cast<unsigned char>(base)) ? shift_ != caps_ : shift_;
  const char out = upper ? shifted[scancode - 1] : base;
  return out == none ? '\0' : out;
}

void DemoKeyboard::key_up(std::uint32_t scancode) {
  if (scancode == left_shift || scancode == right_shift) shift_ = false;
}

}  // namespace cassia::server
