// SPDX-License-Identifier: Apache-2.0
#include "client/audio/jitter_buffer.h"

#include <gtest/gtest.h>

namespace cassia::client {
namespace {

using namespace std::chrono_literals;
using channels::Samples;

constexpr channels::AudioFormat stereo{2, 48000};

/// A guest that sends 10 ms packets whose samples count up, and a device that takes 10 ms at a
/// time; the time between is the test's.
struct JitterBufferTest : testing::Test {
  void send(int count = 1) {
    for (int i = 0; i < count; ++i) {
      buffer.push(time, Samples(960, static_cast<std::int16_t>(++number)), clock.now());
      time += 10;
    }
  }
  /// The number of the packet that is heard; 0: silence.
  int take() {
    Samples out(960, -1);
    buffer.pull(out, clock.now());
    return out.front();
  }

  ManualClock clock;
  JitterBuffer buffer{stereo};
  std::uint32_t time = 0xffffff00u;  // wraps soon
  int number = 0;
};

TEST_F(JitterBufferTest, PlaysInOrderOnceTheTargetIsReached) {
  int silent = 0;
  for (int i = 0; i < 100; ++i) {
    send();
    const int heard = take();
    if (heard == 0) {
      ++silent;
    } else {
      EXPECT_EQ(heard, i + 1 - silent);
    }
    clock.advance(10ms);
  }
  EXPECT_EQ(silent, static_cast<int>(JitterBuffer::default_ms) / 10);
  EXPECT_EQ(buffer.statistics().underruns, 0u);
  EXPECT_EQ(buffer.statistics().latency_ms, JitterBuffer::default_ms);
}

TEST_F(JitterBufferTest, TheServersLatencyIsTheTarget) {
  buffer.set_latency(200);
  int silent = 0;
  for (int i = 0; i < 60; ++i) {
    send();
    silent += take() == 0 ? 1 : 0;
    clock.advance(10ms);
  }
  EXPECT_EQ(silent, 20);
  EXPECT_EQ(buffer.target(), Duration(200ms));
  buffer.set_latency(0xffffffff);
  EXPECT_EQ(buffer.target(), Duration(std::chrono::milliseconds(JitterBuffer::longest_ms)));
}

TEST_F(JitterBufferTest, JitterWithinTheTargetIsNotHeard) {
  for (int i = 0; i < 200; ++i) {
    if (i % 4 == 0) send(4);  // 40 ms at once
    const int heard = take();
    if (i > 20) {
      EXPECT_NE(heard, 0) << i;
    }
    clock.advance(10ms);
  }
  EXPECT_EQ(buffer.statistics().underruns, 0u);
}

TEST_F(JitterBufferTest, AfterAStallItIsBackAtTheTarget) {
  for (int i = 0; i < 50; ++i) {
    send();
    take();
    clock.advance(10ms);
  }
  // Nothing for half a second, then all of it at once.
  for (int i = 0; i < 50; ++i) {
    take();
    clock.advance(10ms);
  }
  EXPECT_EQ(buffer.statistics().underruns, 1u);
  send(50);
  int heard = 0;
  for (int i = 0; i < 300; ++i) {
    send();
    heard = std::max(heard, take());
    clock.advance(10ms);
  }
  // It is behind the newest packet by the target, which the stall has widened.
  const auto target = std::chrono::duration_cast<std::chrono::milliseconds>(buffer.target());
  EXPECT_LE(number - heard, (target.count() + 60) / 10 + 1);
  EXPECT_LE(buffer.statistics().latency_ms, target.count() + 70u);
}

TEST_F(JitterBufferTest, WhatIsTooLateIsSkipped) {
  buffer.set_latency(30);
  for (int i = 0; i < 20; ++i) {
    send();
    take();
    clock.advance(10ms);
  }
  for (int i = 0; i < 100; ++i) {  // the device sleeps, the packets come
    send();
    clock.advance(10ms);
  }
  EXPECT_EQ(buffer.statistics().frames_skipped, 0u);
  EXPECT_GT(take(), 110);
  EXPECT_GT(buffer.statistics().frames_skipped, 40000u);
  EXPECT_LE(buffer.statistics().latency_ms, 100u);
}

TEST_F(JitterBufferTest, MemoryIsBoundedWhateverTheTimesSay) {
  for (int i = 0; i < 2000; ++i) {
    buffer.push(static_cast<std::uint32_t>(i * 2654435761u), Samples(960), clock.now());
  }
  EXPECT_LE(buffer.size(), 3u * 48000);
  for (int i = 0; i < 2000; ++i) {
    take();
    clock.advance(10ms);
  }
  EXPECT_LE(buffer.size(), 3u * 48000);
}

TEST_F(JitterBufferTest, TheEndOfAStreamIsNoUnderrun) {
  send(3);
  buffer.finish();
  int heard = 0;
  for (int i = 0; i < 30; ++i) {
    heard += take() != 0 ? 1 : 0;
    clock.advance(10ms);
  }
  EXPECT_EQ(heard, 3);
  EXPECT_EQ(buffer.statistics().underruns, 0u);
}

TEST_F(JitterBufferTest, ASlowDeviceIsKeptUpWithAndAFastOneToo) {
  for (const auto step : {10100us, 9900us}) {
    JitterBuffer drifting(stereo);
    std::uint32_t at = 0;
    TimePoint sent = clock.now();
    Samples out(960);
    for (int i = 0; i < 6000; ++i) {
      while (sent <= clock.now()) {
        drifting.push(at, Samples(960, 1), clock.now());
        at += 10;
        sent += 10ms;
      }
      drifting.pull(out, clock.now());
      clock.advance(step);
    }
    EXPECT_LE(drifting.size(), 48000u / 4);
    EXPECT_LE(drifting.statistics().latency_ms, 200u);
  }
}

}  // namespace
}  // namespace cassia::client
