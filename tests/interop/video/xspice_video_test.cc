// SPDX-License-Identifier: Apache-2.0
// Video that libspice-server's GStreamer encoders send: Xspice with a program that plays.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/session/stream_decoder.h"
#include "tests/interop/video/video_viewer.h"
#include "tests/support/x_server.h"

namespace cassia::test {
namespace {

using channels::VideoCodec;

struct Case {
  const char* name;
  VideoCodec codec;
  const char* encoder = "gstreamer";
};
class XspiceVideo : public ::testing::TestWithParam<Case> {};

/// Mean difference of a component.
double difference(const raster::Bitmap& shown, const Picture& screen, const raster::Rect& area) {
  double sum = 0;
  for (std::int32_t y = area.top; y < area.bottom; ++y) {
    for (std::int32_t x = area.left; x < area.right; ++x) {
      const std::uint32_t p = shown.row32(y)[x];
      const std::uint8_t* q = screen.pixel(x, y);
      sum += std::abs(static_cast<int>(p >> 16 & 255) - q[0]) +
             std::abs(static_cast<int>(p >> 8 & 255) - q[1]) +
             std::abs(static_cast<int>(p & 255) - q[2]);
    }
  }
  return sum / 3 / (area.width() * area.height());
}

TEST_P(XspiceVideo, IsShownAsItPlays) {
  const std::string codecs = std::string(GetParam().encoder) + ":" + GetParam().name;
  const auto x = XServer::start_xspice(
      640, 480, {"XSPICE_STREAMING_VIDEO=all", "XSPICE_VIDEO_CODECS=" + codecs});
  ASSERT_TRUE(x) << x.error().message();
  VideoViewer viewer({net::Transport::tcp, "127.0.0.1", (*x)->spice_port(), {}}, 2,
                     {GetParam().codec, VideoCodec::mjpeg});
  ASSERT_TRUE(viewer.pump_until([&] { return viewer.screen().complete(); }));
  auto player = (*x)->client(
      {"gst-launch-1.0", "-q", "videotestsrc", "is-live=true", "pattern=smpte100", "!",
       "video/x-raw,width=320,height=240,framerate=25/1", "!", "videoconvert", "!", "ximagesink"});
  ASSERT_TRUE(player) << player.error().message();
  ASSERT_TRUE(viewer.pump_until([&] { return viewer.video().shown >= 30; }))
      << viewer.video().frames << " frames came";
  EXPECT_THAT(viewer.codecs_seen(), ::testing::ElementsAre(GetParam().codec));
  EXPECT_EQ(viewer.video().failed, 0u);
  EXPECT_EQ(viewer.screen().failures(), 0u);
  const auto screen = (*x)->screen();
  ASSERT_TRUE(screen) << screen.error().message();
  const auto shown = viewer.screen().snapshot();
  ASSERT_TRUE(shown);
  EXPECT_GT(screen->colours(), 6u) << "nothing plays";
  EXPECT_LT(difference(*shown, *screen, raster::Rect::of(shown->size())), 4);
}

INSTANTIATE_TEST_SUITE_P(All, XspiceVideo,
                         ::testing::Values(Case{"mjpeg", VideoCodec::mjpeg, "spice"},
                                           Case{"vp8", VideoCodec::vp8},
                                           Case{"vp9", VideoCodec::vp9},
                                           Case{"h264", VideoCodec::h264}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace cassia::test
