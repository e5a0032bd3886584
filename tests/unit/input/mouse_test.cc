// SPDX-License-Identifier: Apache-2.0
#include "client/input/mouse.h"

#include <gtest/gtest.h>

#include "tests/unit/input/recording_sink.h"

namespace cassia::client {
namespace {

TEST(Mouse, ClientModeSendsPositionsOfTheGuest) {
  RecordingSink sink;
  Mouse mouse(sink, 2);
  mouse.set_mode(channels::MouseMode::client);
  mouse.set_viewport(Viewport::fit({400, 300}, {800, 600}));
  mouse.move({100, 50}, 3, 4);
  EXPECT_EQ(sink.take(), (Lines{"at 50,25 0 on 2"}));
}

TEST(Mouse, ServerModeWantsAGrab) {
  RecordingSink sink;
  Mouse mouse(sink);
  mouse.move({100, 50}, 3, 4);
  mouse.button(1, true);
  EXPECT_EQ(sink.take(), Lines{});
  mouse.set_grabbed(true);
  mouse.button(3, true);
  mouse.move({100, 50}, 3, -4);
  mouse.set_grabbed(false);
  EXPECT_EQ(sink.take(), (Lines{"press 3 4", "motion 3,-4 4", "release 3 0"}));
}

TEST(Mouse, SideAndExtraButtons) {
  RecordingSink sink;
  Mouse mouse(sink);
  mouse.set_mode(channels::MouseMode::client);
  mouse.button(4, true);
  mouse.button(5, true);
  mouse.button(4, false);
  mouse.button(9, true);
  EXPECT_EQ(sink.take(), (Lines{"press 6 32", "press 7 96", "release 6 64"}));
  mouse.release_all();
  EXPECT_EQ(sink.take(), (Lines{"release 7 0"}));
}

TEST(Mouse, WheelFractionsAddUp) {
  RecordingSink sink;
  Mouse mouse(sink);
  mouse.set_mode(channels::MouseMode::client);
  mouse.wheel(0.5);
  EXPECT_EQ(sink.take(), Lines{});
  mouse.wheel(0.5);
  mouse.wheel(-1);
  EXPECT_EQ(sink.take(), (Lines{"press 4 8", "release 4 0", "press 5 16", "release 5 0"}));
}

}  // namespace
}  // namespace cassia::client
