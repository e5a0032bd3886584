// SPDX-License-Identifier: Apache-2.0
#include "client/input/hotkeys.h"

#include <SDL_scancode.h>
#include <gtest/gtest.h>

namespace cassia::client {
namespace {

TEST(Hotkeys, FunctionKeysAreConsumedWithTheirReleaseAndRepeats) {
  Hotkeys keys;
  const auto down = keys.feed(SDL_SCANCODE_F12, true, false);
  EXPECT_EQ(down.action, HotkeyAction::toggle_panel);
  EXPECT_TRUE(down.consumed);
  const auto repeat = keys.feed(SDL_SCANCODE_F12, true, true);
  EXPECT_EQ(repeat.action, HotkeyAction::none);
  EXPECT_TRUE(repeat.consumed);
  EXPECT_TRUE(keys.feed(SDL_SCANCODE_F12, false, false).consumed);
  EXPECT_FALSE(keys.feed(SDL_SCANCODE_F12, false, false).consumed);
}

TEST(Hotkeys, AKeyThatIsHeldDoesNotBecomeAHotkey) {
  Hotkeys keys;
  EXPECT_FALSE(keys.feed(SDL_SCANCODE_D, true, false).consumed);
  keys.feed(SDL_SCANCODE_LCTRL, true, false);
  keys.feed(SDL_SCANCODE_LALT, true, false);
  const auto repeat = keys.feed(SDL_SCANCODE_D, true, true);
  EXPECT_EQ(repeat.action, HotkeyAction::none);
  EXPECT_FALSE(repeat.consumed);
  EXPECT_FALSE(keys.feed(SDL_SCANCODE_D, false, false).consumed) << "it would stay down";
}

TEST(Hotkeys, FunctionKeysCanBeTheGuests) {
  Hotkeys keys(false);
  EXPECT_FALSE(keys.feed(SDL_SCANCODE_F11, true, false).consumed);
  keys.feed(SDL_SCANCODE_LCTRL, true, false);
  keys.feed(SDL_SCANCODE_LALT, true, false);
  EXPECT_EQ(keys.feed(SDL_SCANCODE_RETURN, true, false).action, HotkeyAction::toggle_fullscreen);
}

TEST(Hotkeys, CtrlAltAloneReleasesThePointer) {
  Hotkeys keys;
  keys.feed(SDL_SCANCODE_LCTRL, true, false);
  keys.feed(SDL_SCANCODE_LALT, true, false);
  keys.feed(SDL_SCANCODE_LALT, true, true);
  const auto up = keys.feed(SDL_SCANCODE_LCTRL, false, false);
  EXPECT_EQ(up.action, HotkeyAction::release_pointer);
  EXPECT_FALSE(up.consumed);  // the guest saw the press
  EXPECT_EQ(keys.feed(SDL_SCANCODE_LALT, false, false).action, HotkeyAction::none);
}

TEST(Hotkeys, CtrlAltWithAnotherKeyIsTheGuests) {
  Hotkeys keys;
  keys.feed(SDL_SCANCODE_LCTRL, true, false);
  keys.feed(SDL_SCANCODE_LALT, true, false);
  EXPECT_FALSE(keys.feed(SDL_SCANCODE_F12, true, false).consumed);
  keys.feed(SDL_SCANCODE_F12, false, false);
  EXPECT_EQ(keys.feed(SDL_SCANCODE_LALT, false, false).action, HotkeyAction::none);
}

}  // namespace
}  // namespace cassia::client
