// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "client/app/stats_file.h"

namespace cassia::client {
namespace {

using namespace std::chrono_literals;

TEST(Stats, FramesKnowTheirLongestGap) {
  ManualClock clock;
  FrameMeter frames;
  for (const auto gap : {10ms, 300ms, 20ms}) {
    frames.frame(clock.now());
    clock.advance(gap);
  }
  frames.frame(clock.now());
  EXPECT_EQ(frames.count(), 4u);
  EXPECT_EQ(frames.longest_gap(), Duration(300ms));
}

TEST(Stats, JsonHoldsWhatTheManualSays) {
  ViewerStatistics s;
  s.renderer = "cairo";
  s.session.channels["display:0"].bytes_received = 77;
  s.session.decode_time = 5ms;
  const auto json = nlohmann::json::parse(to_json(s));
  EXPECT_EQ(json["channels"]["display:0"]["bytes_received"], 77);
  EXPECT_EQ(json["cpu_ms"]["decode"], 5.0);
  EXPECT_TRUE(json["cpu_ms"].contains("render"));
  EXPECT_EQ(json["frames"]["count"], 0);
  EXPECT_TRUE(json["first_picture_ms"].is_null());
  EXPECT_FALSE(json.contains("playback"));
  s.session.playback.emplace().underruns = 3;
  s.session.playback->codec = "opus";
  s.session.record.emplace().packets_sent = 9;
  const auto loud = nlohmann::json::parse(to_json(s));
  EXPECT_EQ(loud["playback"]["underruns"], 3);
  EXPECT_EQ(loud["playback"]["codec"], "opus");
  EXPECT_EQ(loud["record"]["packets_sent"], 9);
}

}  // namespace
}  // namespace cassia::client
