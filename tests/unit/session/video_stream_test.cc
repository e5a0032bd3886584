// SPDX-License-Identifier: Apache-2.0
#include "client/session/video_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "channels/display/stream_reporter.h"
#include "client/session/strand_pool.h"

namespace cassia::client {
namespace {

using namespace std::chrono_literals;
using Outcome = VideoFrame::Outcome;

/// Counts, and gives a pixel for each frame; a frame without data fails.
class CountingDecoder final : public StreamDecoder {
 public:
  CountingDecoder(bool builds_on_earlier, int& decoded)
      : builds_on_earlier_(builds_on_earlier), decoded_(decoded) {}
  Result<Picture> decode(const channels::StreamFrame& frame) override {
    ++decoded_;
    if (frame.data.empty()) return fail(ErrorKind::malformed, "no data");
    return Picture{CASSIA_TRY(raster::Bitmap::create_cleared({1, 1}, raster::PixelFormat::xrgb32)),
                   nullptr};
  }
  bool needs_every_frame() const override { return builds_on_earlier_; }

 private:
  const bool builds_on_earlier_;
  int& decoded_;
};

struct Fixture {
  explicit Fixture(bool builds_on_earlier)
      : stream(std::make_unique<CountingDecoder>(builds_on_earlier, decoded), clock) {}
  /// A frame that is due in `left`, or came too late.
  Outcome decode(Duration left, bool came_late = false) {
    VideoFrame frame;
    frame.data = SharedBytes(Bytes{1});
    frame.frame.late = came_late;
    frame.due = clock.now() + left;
    stream.decode(frame);
    EXPECT_EQ(frame.picture != nullptr, frame.outcome == Outcome::shown);
    return frame.outcome;
  }
  ManualClock clock;
  int decoded = 0;
  VideoStream stream;
};

TEST(VideoStreamTest, WhatBecameLateWhileItWaitedIsNotDecoded) {
  Fixture f(false);
  EXPECT_EQ(f.decode(0ms), Outcome::shown);
  EXPECT_EQ(f.decode(-1ms), Outcome::late);
  EXPECT_EQ(f.decode(5ms, true), Outcome::late);
  EXPECT_EQ(f.decoded, 1);
  EXPECT_EQ(f.decode(5ms), Outcome::shown);
}

TEST(VideoStreamTest, ACodecThatBuildsOnEarlierFramesGetsThemAll) {
  Fixture f(true);
  EXPECT_EQ(f.decode(-1ms), Outcome::late);
  EXPECT_EQ(f.decode(1ms, true), Outcome::late);
  EXPECT_EQ(f.decode(1ms), Outcome::shown);
  EXPECT_EQ(f.decoded, 3);
}

TEST(VideoStreamTest, OfManyLateFramesSomeAreShown) {
  Fixture f(false);
  int shown = 0;
  for (int i = 0; i < 40; ++i) shown += f.decode(-1ms) == Outcome::shown ? 1 : 0;
  EXPECT_EQ(shown, 5);
  EXPECT_EQ(f.decoded, 5);
}

TEST(VideoStreamTest, AFrameThatFailsSaysWhy) {
  Fixture f(false);
  VideoFrame frame;
  f.stream.decode(frame);
  EXPECT_EQ(frame.outcome, Outcome::failed);
  EXPECT_EQ(frame.error->message(), "no data");
}

TEST(StrandPoolTest, KeepsTheOrderOfEachStrandOnManyThreads) {
  StrandPool pool(4);
  std::vector<int> seen[3];
  std::vector<std::promise<void>> ends(3);
  for (int s = 0; s < 3; ++s) {
    const auto strand = StrandPool::make_strand();
    for (int i = 0; i < 500; ++i) pool.run(strand, [&, s, i] { seen[s].push_back(i); });
    pool.run(strand, [&, s] { ends[static_cast<std::size_t>(s)].set_value(); });
  }
  for (auto& end : ends) end.get_future().wait();
  for (const auto& numbers : seen) {
    ASSERT_EQ(numbers.size(), 500u);
    EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end()));
  }
}

TEST(StrandPoolTest, WhatIsNeverRunIsDestroyed) {
  StrandPool pool(1);
  std::promise<void> begun, release;
  const auto waiting = std::make_shared<int>(1);
  const auto strand = StrandPool::make_strand();
  pool.run(strand, [&] {
    begun.set_value();
    release.get_future().wait();
  });
  begun.get_future().wait();
  for (int i = 0; i < 10; ++i) pool.run(strand, [waiting] { ADD_FAILURE() << "ran"; });
  auto stopping = std::async(std::launch::async, [&] { pool.stop(); });
  // Jobs that come once it stops are refused: then the one that runs may end.
  while (true) {
    const long before = waiting.use_count();
    pool.run(StrandPool::make_strand(), [waiting] {});
    if (waiting.use_count() == before) break;
  }
  release.set_value();
  stopping.wait();
  EXPECT_EQ(waiting.use_count(), 1);
}

TEST(StreamReporterTest, DropsThatAreKnownLaterAreInTheNextReport) {
  channels::StreamReporter reporter;
  reporter.activate({1, 2, 4, 1000000});
  TimePoint now{};
  EXPECT_FALSE(reporter.frame(10, 5, 0, now));
  reporter.add_drops(2);
  EXPECT_FALSE(reporter.frame(11, 5, 0, now));
  EXPECT_FALSE(reporter.frame(12, 5, 0, now));
  const auto report = reporter.frame(13, 5, 0, now);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->drops, 2u);
  reporter.add_drops(3);  // more than a report of one frame holds
  EXPECT_FALSE(reporter.frame(14, 5, 0, now));
  EXPECT_FALSE(reporter.frame(15, 5, 0, now));
  const auto next = reporter.frame(16, 5, 0, now);  // three in a row are told at once
  ASSERT_TRUE(next);
  EXPECT_EQ(next->drops, 3u);
}

}  // namespace
}  // namespace cassia::client
