// SPDX-License-Identifier: Apache-2.0
#include "client/session/event_queue.h"

#include <gtest/gtest.h>

#include <thread>

namespace cassia::client {
namespace {

using namespace std::chrono_literals;

TEST(EventQueue, KeepsOrderAndWakesOnce) {
  int wakes = 0;
  EventQueue queue({}, [&] { ++wakes; });
  queue.push(GuestNamed{"one"});
  queue.push(GuestNamed{"two"});
  EXPECT_EQ(wakes, 1);
  const auto events = queue.take();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(std::get<GuestNamed>(events[0]).name, "one");
  EXPECT_EQ(std::get<GuestNamed>(events[1]).name, "two");
  queue.push(GuestNamed{"three"});
  EXPECT_EQ(wakes, 2);
}

TEST(EventQueue, SaysFullAndCallsBackWhenDrained) {
  int drained = 0;
  EventQueue queue({.events = 3, .bytes = 100});
  queue.set_drained([&] { ++drained; });
  EXPECT_TRUE(queue.push(CursorHidden{}));
  EXPECT_TRUE(queue.push(CursorHidden{}, 99));
  EXPECT_FALSE(queue.push(CursorHidden{}, 1));  // both limits
  EXPECT_FALSE(queue.push(CursorHidden{}));     // taken all the same
  EXPECT_EQ(queue.take().size(), 4u);
  EXPECT_EQ(drained, 1);
  EXPECT_TRUE(queue.push(CursorHidden{}));
  EXPECT_EQ(queue.take().size(), 1u);
  EXPECT_EQ(drained, 1);
}

TEST(EventQueue, WaitingEndsWithAnEventOrTheDeadline) {
  EventQueue queue({});
  EXPECT_FALSE(queue.wait_until(SteadyClock().now()));
  std::thread other([&] { queue.push(CursorHidden{}); });
  EXPECT_TRUE(queue.wait_until(TimePoint::max()));
  other.join();
  EXPECT_TRUE(queue.wait_until(SteadyClock().now()));
}

TEST(EventQueue, TheCostOfADrawIsItsPictures) {
  raster::DrawOp op;
  op.operation = raster::Fill{.brush = raster::Color{1}};
  const std::size_t bare = cost_of(op);
  raster::Copy copy;
  copy.src.source = std::make_shared<raster::Bitmap>(
      *raster::Bitmap::create({100, 10}, raster::PixelFormat::xrgb32));
  op.operation = copy;
  EXPECT_EQ(cost_of(op), bare + 4000);
}

}  // namespace
}  // namespace cassia::client
