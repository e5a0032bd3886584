// SPDX-License-Identifier: Apache-2.0
#include "client/input/scancode.h"

#include <SDL_scancode.h>

#include <array>

namespace cassia::client {
namespace {

constexpr KeyCode plain(std::uint8_t code) { return {code, 0}; }
constexpr KeyCode e0(std::uint8_t code) { return {0xE0u | (std::uint32_t{code} << 8), 0}; }

using Table = std::array<KeyCode, SDL_NUM_SCANCODES>;

constexpr void put_letters_and_digits(Table& t) {
  constexpr std::uint8_t letters[26] = {0x1E, 0x30, 0x2E, 0x20, 0x12, 0x21, 0x22, 0x23, 0x17,
                                        0x24, 0x25, 0x26, 0x32, 0x31, 0x18, 0x19, 0x10, 0x13,
                                        0x1F, 0x14, 0x16, 0x2F, 0x11, 0x2D, 0x15, 0x2C};
  for (int i = 0; i < 26; ++i) t[SDL_SCANCODE_A + i] = plain(letters[i]);
  for (int i = 0; i < 10; ++i) t[SDL_SCANCODE_1 + i] = plain(static_cast<std::uint8_t>(0x02 + i));
}

constexpr void put_typing_keys(Table& t) {
  t[SDL_SCANCODE_RETURN] = t[SDL_SCANCODE_RETURN2] = plain(0x1C);
  t[SDL_SCANCODE_ESCAPE] = plain(0x01);
  t[SDL_SCANCODE_BACKSPACE] = plain(0x0E);
  t[SDL_SCANCODE_TAB] = plain(0x0F);
  t[SDL_SCANCODE_SPACE] = plain(0x39);
  t[SDL_SCANCODE_MINUS] = plain(0x0C);
  t[SDL_SCANCODE_EQUALS] = plain(0x0D);
  t[SDL_SCANCODE_LEFTBRACKET] = plain(0x1A);
  t[SDL_SCANCODE_RIGHTBRACKET] = plain(0x1B);
  t[SDL_SCANCODE_BACKSLASH] = t[SDL_SCANCODE_NONUSHASH] = plain(0x2B);
  t[SDL_SCANCODE_SEMICOLON] = plain(0x27);
  t[SDL_SCANCODE_APOSTROPHE] = plain(0x28);
  t[SDL_SCANCODE_GRAVE] = plain(0x29);
  t[SDL_SCANCODE_COMMA] = plain(0x33);
  t[SDL_SCANCODE_PERIOD] = plain(0x34);
  t[SDL_SCANCODE_SLASH] = plain(0x35);
  t[SDL_SCANCODE_NONUSBACKSLASH] = plain(0x56);
  t[SDL_SCANCODE_CAPSLOCK] = plain(0x3A);
}

constexpr void put_function_keys(Table& t) {
  for (int i = 0; i < 10; ++i) t[SDL_SCANCODE_F1 + i] = plain(static_cast<std::uint8_t>(0x3B + i));
  t[SDL_SCANCODE_F11] = plain(0x57);
  t[SDL_SCANCODE_F12] = plain(0x58);
  for (int i = 0; i < 11; ++i) t[SDL_SCANCODE_F13 + i] = plain(static_cast<std::uint8_t>(0x64 + i));
  t[SDL_SCANCODE_F24] = plain(0x76);
  t[SDL_SCANCODE_PRINTSCREEN] = t[SDL_SCANCODE_SYSREQ] = e0(0x37);
  t[SDL_SCANCODE_SCROLLLOCK] = plain(0x46);
  t[SDL_SCANCODE_PAUSE] = {0x1DE1, 0x45};
}

constexpr void put_navigation(Table& t) {
  t[SDL_SCANCODE_INSERT] = e0(0x52);
  t[SDL_SCANCODE_HOME] = e0(0x47);
  t[SDL_SCANCODE_PAGEUP] = e0(0x49);
  t[SDL_SCANCODE_DELETE] = e0(0x53);
  t[SDL_SCANCODE_END] = e0(0x4F);
  t[SDL_SCANCODE_PAGEDOWN] = e0(0x51);
  t[SDL_SCANCODE_RIGHT] = e0(0x4D);
  t[SDL_SCANCODE_LEFT] = e0(0x4B);
  t[SDL_SCANCODE_DOWN] = e0(0x50);
  t[SDL_SCANCODE_UP] = e0(0x48);
}

constexpr void put_keypad(Table& t) {
  constexpr std::uint8_t digits[9] = {0x4F, 0x50, 0x51, 0x4B, 0x4C, 0x4D, 0x47, 0x48, 0x49};
  for (int i = 0; i < 9; ++i) t[SDL_SCANCODE_KP_1 + i] = plain(digits[i]);
  t[SDL_SCANCODE_KP_0] = plain(0x52);
  t[SDL_SCANCODE_KP_PERIOD] = plain(0x53);
  t[SDL_SCANCODE_NUMLOCKCLEAR] = plain(0x45);
  t[SDL_SCANCODE_KP_DIVIDE] = e0(0x35);
  t[SDL_SCANCODE_KP_MULTIPLY] = plain(0x37);
  t[SDL_SCANCODE_KP_MINUS] = plain(0x4A);
  t[SDL_SCANCODE_KP_PLUS] = plain(0x4E);
  t[SDL_SCANCODE_KP_ENTER] = e0(0x1C);
  t[SDL_SCANCODE_KP_EQUALS] = plain(0x59);
  t[SDL_SCANCODE_KP_COMMA] = plain(0x7E);
}

constexpr void put_modifiers(Table& t) {
  t[SDL_SCANCODE_LCTRL] = plain(0x1D);
  t[SDL_SCANCODE_LSHIFT] = plain(0x2A);
  t[SDL_SCANCODE_LALT] = plain(0x38);
  t[SDL_SCANCODE_LGUI] = e0(0x5B);
  t[SDL_SCANCODE_RCTRL] = e0(0x1D);
  t[SDL_SCANCODE_RSHIFT] = plain(0x36);
  t[SDL_SCANCODE_RALT] = t[SDL_SCANCODE_MODE] = e0(0x38);
  t[SDL_SCANCODE_RGUI] = e0(0x5C);
  t[SDL_SCANCODE_APPLICATION] = t[SDL_SCANCODE_MENU] = e0(0x5D);
}

constexpr void put_international(Table& t) {
  t[SDL_SCANCODE_INTERNATIONAL1] = plain(0x73);  // ro, abnt slash
  t[SDL_SCANCODE_INTERNATIONAL2] = plain(0x70);  // katakana/hiragana
  t[SDL_SCANCODE_INTERNATIONAL3] = plain(0x7D);  // yen
  t[SDL_SCANCODE_INTERNATIONAL4] = plain(0x79);  // henkan
  t[SDL_SCANCODE_INTERNATIONAL5] = plain(0x7B);  // muhenkan
  t[SDL_SCANCODE_INTERNATIONAL6] = plain(0x5C);  // PC-98 keypad comma
  t[SDL_SCANCODE_LANG1] = plain(0x72);           // hangul
  t[SDL_SCANCODE_LANG2] = plain(0x71);           // hanja
  t[SDL_SCANCODE_LANG3] = plain(0x78);           // katakana
  t[SDL_SCANCODE_LANG4] = plain(0x77);           // hiragana
  t[SDL_SCANCODE_LANG5] = plain(0x76);           // zenkaku/hankaku
}

constexpr void put_media(Table& t) {
  t[SDL_SCANCODE_POWER] = e0(0x5E);
  t[SDL_SCANCODE_SLEEP] = e0(0x5F);
  t[SDL_SCANCODE_MUTE] = t[SDL_SCANCODE_AUDIOMUTE] = e0(0x20);
  t[SDL_SCANCODE_VOLUMEUP] = e0(0x30);
  t[SDL_SCANCODE_VOLUMEDOWN] = e0(0x2E);
  t[SDL_SCANCODE_AUDIONEXT] = e0(0x19);
  t[SDL_SCANCODE_AUDIOPREV] = e0(0x10);
  t[SDL_SCANCODE_AUDIOSTOP] = e0(0x24);
  t[SDL_SCANCODE_AUDIOPLAY] = e0(0x22);
  t[SDL_SCANCODE_MEDIASELECT] = e0(0x6D);
  t[SDL_SCANCODE_MAIL] = e0(0x6C);
  t[SDL_SCANCODE_CALCULATOR] = e0(0x21);
  t[SDL_SCANCODE_COMPUTER] = e0(0x6B);
  t[SDL_SCANCODE_AC_SEARCH] = e0(0x65);
  t[SDL_SCANCODE_AC_HOME] = t[SDL_SCANCODE_WWW] = e0(0x32);
  t[SDL_SCANCODE_AC_BACK] = e0(0x6A);
  t[SDL_SCANCODE_AC_FORWARD] = e0(0x69);
  t[SDL_SCANCODE_AC_STOP] = e0(0x68);
  t[SDL_SCANCODE_AC_REFRESH] = e0(0x67);
  t[SDL_SCANCODE_AC_BOOKMARKS] = e0(0x66);
  t[SDL_SCANCODE_UNDO] = e0(0x08);
  t[SDL_SCANCODE_PASTE] = e0(0x0A);
  t[SDL_SCANCODE_CUT] = e0(0x17);
  t[SDL_SCANCODE_COPY] = e0(0x18);
  t[SDL_SCANCODE_HELP] = e0(0x3B);
}

constexpr Table make_table() {
  Table t{};
  put_letters_and_digits(t);
  put_typing_keys(t);
  put_function_keys(t);
  put_navigation(t);
  put_keypad(t);
  put_modifiers(t);
  put_international(t);
  put_media(t);
  return t;
}

constexpr Table table = make_table();

}  // namespace

std::optional<KeyCode> key_code(int sdl_scancode) {
  if (sdl_scancode < 0 || sdl_scancode >= SDL_NUM_SCANCODES) return std::nullopt;
  const KeyCode code = table[static_cast<std::size_t>(sdl_scancode)];
  if (code.code == 0) return std::nullopt;
  return code;
}

int sdl_scancode_count() { return SDL_NUM_SCANCODES; }

}  // namespace cassia::client
