// SPDX-License-Identifier: Apache-2.0
#include "client/app/typist.h"

#include <gtest/gtest.h>

#include "tests/unit/input/recording_sink.h"

namespace cassia::client {
namespace {

using namespace std::chrono_literals;

class TypistTest : public testing::Test {
 protected:
  Typist typist(std::string_view text) { return Typist(sink_, *strokes_for_text(text)); }
  bool step(Typist& typist) { return typist.step(clock_.now(), changes_, last_change_); }
  void guest_draws() {
    ++changes_;
    last_change_ = clock_.now();
  }

  RecordingSink sink_;
  ManualClock clock_;
  std::uint64_t changes_ = 0;
  TimePoint last_change_{};
};

TEST_F(TypistTest, ShiftIsHeldAroundItsKey) {
  Typist t = typist("A");
  EXPECT_TRUE(step(t));
  EXPECT_EQ(sink_.take(), (Lines{"down 2a", "down 1e", "up 1e", "up 2a"}));
  EXPECT_TRUE(t.done());
  EXPECT_FALSE(t.next_step());
}

TEST_F(TypistTest, TheNextKeyWaitsForTheGuest) {
  Typist t = typist("ab");
  step(t);
  clock_.advance(100ms);
  EXPECT_FALSE(step(t));
  guest_draws();
  EXPECT_TRUE(step(t));
}

TEST_F(TypistTest, AGuestThatShowsNothingIsNotWaitedForForever) {
  Typist t = typist("ab");
  step(t);
  clock_.advance(1s);
  EXPECT_TRUE(step(t));
}

TEST_F(TypistTest, TwoKeysNeverComeAtOnce) {
  Typist t = typist("ab");
  step(t);
  guest_draws();
  clock_.advance(1ms);
  EXPECT_FALSE(step(t));
}

TEST_F(TypistTest, AfterEnterTheOutputMustPause) {
  Typist t = typist("\nb");
  step(t);
  for (int i = 0; i < 10; ++i) {
    clock_.advance(50ms);
    guest_draws();
    EXPECT_FALSE(step(t)) << i;
  }
  clock_.advance(200ms);
  EXPECT_TRUE(step(t));
}

}  // namespace
}  // namespace cassia::client
