// SPDX-License-Identifier: Apache-2.0
#include "client/session/settle.h"

#include <gtest/gtest.h>

namespace cassia::client {
namespace {

using namespace std::chrono_literals;

TEST(Settle, WaitsForACompletePictureAndThenForQuiet) {
  ManualClock clock;
  SettleTracker settle(200ms);
  clock.advance(1h);
  EXPECT_FALSE(settle.settled(clock.now()));
  EXPECT_FALSE(settle.settles_at());
  settle.changed(clock.now(), false);
  clock.advance(1h);
  EXPECT_FALSE(settle.settled(clock.now()));

  settle.changed(clock.now(), true);
  clock.advance(199ms);
  EXPECT_FALSE(settle.settled(clock.now()));
  settle.changed(clock.now(), true);
  clock.advance(199ms);
  EXPECT_FALSE(settle.settled(clock.now()));
  EXPECT_EQ(*settle.settles_at(), clock.now() + 1ms);
  clock.advance(1ms);
  EXPECT_TRUE(settle.settled(clock.now()));
}

TEST(Settle, AnActionStartsTheQuietAnew) {
  ManualClock clock;
  SettleTracker settle(200ms);
  settle.changed(clock.now(), true);
  clock.advance(150ms);
  settle.acted(clock.now());
  clock.advance(150ms);
  EXPECT_FALSE(settle.settled(clock.now()));
  clock.advance(50ms);
  EXPECT_TRUE(settle.settled(clock.now()));
}

}  // namespace
}  // namespace cassia::client
