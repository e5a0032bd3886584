// SPDX-License-Identifier: Apache-2.0
#include "client/input/scancode.h"

#include <SDL_scancode.h>
#include <gtest/gtest.h>

#include <map>

namespace cassia::client {
namespace {

TEST(Scancode, EveryKeyOfAPcKeyboardHasACode) {
  // Usage ids 4 (A) to 0x65 (Application) and the modifiers are a full international PC keyboard;
  // 0x66 (Power) to 0x73 (F24) are PC keys too.
  for (int key = SDL_SCANCODE_A; key <= SDL_SCANCODE_F24; ++key) {
    EXPECT_TRUE(key_code(key)) << "usage " << key;
  }
  for (int key = SDL_SCANCODE_LCTRL; key <= SDL_SCANCODE_RGUI; ++key) {
    EXPECT_TRUE(key_code(key)) << "usage " << key;
  }
  for (int key = SDL_SCANCODE_INTERNATIONAL1; key <= SDL_SCANCODE_INTERNATIONAL6; ++key) {
    EXPECT_TRUE(key_code(key)) << "usage " << key;
  }
}

TEST(Scancode, NoTwoKeysShareACode) {
  // Pairs that are one key under two names, or one key in different countries.
  const std::map<int, int> same = {
      {SDL_SCANCODE_RETURN2, SDL_SCANCODE_RETURN},
      {SDL_SCANCODE_NONUSHASH, SDL_SCANCODE_BACKSLASH},
      {SDL_SCANCODE_SYSREQ, SDL_SCANCODE_PRINTSCREEN},
      {SDL_SCANCODE_MODE, SDL_SCANCODE_RALT},
      {SDL_SCANCODE_MENU, SDL_SCANCODE_APPLICATION},
      {SDL_SCANCODE_AUDIOMUTE, SDL_SCANCODE_MUTE},
      {SDL_SCANCODE_AC_HOME, SDL_SCANCODE_WWW},
      {SDL_SCANCODE_LANG5, SDL_SCANCODE_F24},
  };
  std::map<std::uint64_t, int> seen;
  for (int key = 0; key < sdl_scancode_count(); ++key) {
    const auto code = key_code(key);
    if (!code || same.count(key) != 0) continue;
    const auto [at, fresh] = seen.emplace((std::uint64_t{code->then} << 32) | code->code, key);
    EXPECT_TRUE(fresh) << "usages " << at->second << " and " << key;
  }
  for (const auto& [alias, key] : same) EXPECT_EQ(key_code(alias), key_code(key)) << alias;
}

TEST(Scancode, PrefixedKeysCarryTheirPrefixInTheLowByte) {
  EXPECT_EQ(key_code(SDL_SCANCODE_A)->code, 0x1Eu);
  EXPECT_EQ(key_code(SDL_SCANCODE_UP)->code, 0x48E0u);
  EXPECT_EQ(key_code(SDL_SCANCODE_KP_8)->code, 0x48u);
  EXPECT_EQ(key_code(SDL_SCANCODE_KP_ENTER)->code, 0x1CE0u);
  EXPECT_EQ(key_code(SDL_SCANCODE_PRINTSCREEN)->code, 0x37E0u);
  EXPECT_EQ(*key_code(SDL_SCANCODE_PAUSE), (KeyCode{0x1DE1, 0x45}));
}

TEST(Scancode, OutOfRangeIsNothing) {
  EXPECT_FALSE(key_code(-1));
  EXPECT_FALSE(key_code(0));
  EXPECT_FALSE(key_code(sdl_scancode_count()));
}

}  // namespace
}  // namespace cassia::client
