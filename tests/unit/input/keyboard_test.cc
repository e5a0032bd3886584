// SPDX-License-Identifier: Apache-2.0
#include "client/input/keyboard.h"

#include <SDL_scancode.h>
#include <gtest/gtest.h>

#include "tests/unit/input/recording_sink.h"

namespace cassia::client {
namespace {

TEST(Keyboard, RepeatsTheDownCode) {
  RecordingSink sink;
  Keyboard keyboard(sink);
  keyboard.press(SDL_SCANCODE_A);
  keyboard.press(SDL_SCANCODE_A);
  keyboard.release(SDL_SCANCODE_A);
  keyboard.release(SDL_SCANCODE_A);
  EXPECT_EQ(sink.take(), (Lines{"down 1e", "down 1e", "up 1e"}));
}

TEST(Keyboard, PauseIsTwoCodesAndDoesNotRepeat) {
  RecordingSink sink;
  Keyboard keyboard(sink);
  keyboard.press(SDL_SCANCODE_PAUSE);
  keyboard.press(SDL_SCANCODE_PAUSE);
  keyboard.release(SDL_SCANCODE_PAUSE);
  EXPECT_EQ(sink.take(), (Lines{"down 1de1", "down 45", "up 1de1", "up 45"}));
}

TEST(Keyboard, ReleaseAllLetsEveryKeyGoOnce) {
  RecordingSink sink;
  Keyboard keyboard(sink);
  keyboard.press(SDL_SCANCODE_LSHIFT);
  keyboard.press(SDL_SCANCODE_B);
  sink.take();
  keyboard.release_all();
  EXPECT_EQ(sink.take(), (Lines{"up 30", "up 2a"}));
  EXPECT_FALSE(keyboard.any_down());
  keyboard.release(SDL_SCANCODE_B);
  EXPECT_EQ(sink.take(), Lines{});
}

TEST(Keyboard, LocksAreSentOnlyWhenTheyDiffer) {
  RecordingSink sink;
  Keyboard keyboard(sink);
  keyboard.guest_locks(channels::KeyModifiers::num_lock);
  keyboard.host_locks(channels::KeyModifiers::num_lock);
  EXPECT_EQ(sink.take(), Lines{});
  keyboard.host_locks(channels::KeyModifiers::caps_lock);
  EXPECT_EQ(sink.take(), (Lines{"locks 4"}));
  keyboard.host_locks(channels::KeyModifiers::caps_lock);
  EXPECT_EQ(sink.take(), Lines{});
}

}  // namespace
}  // namespace cassia::client
