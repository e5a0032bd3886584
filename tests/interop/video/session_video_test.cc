// SPDX-License-Identifier: Apache-2.0
// Video of every codec, from a server of our own through a whole session onto a canvas.

#include <gmock/gmock.h>
#include <gst/gst.h>
#include <gtest/gtest.h>
#include <spice/protocol.h>

#include "client/session/stream_decoder.h"
#include "tests/interop/video/video_viewer.h"
#include "tests/support/spice_stage.h"
#include "tests/support/video_encoder.h"

namespace cassia::test {
namespace {

using channels::DisplayServer;
using channels::VideoCodec;
using raster::Bitmap;
using raster::Rect;
using raster::Size;

constexpr Size screen_size{320, 240};
constexpr std::uint32_t gray = 0x404040, cover = 0xff00ff;
constexpr Rect where{20, 10, 180, 130};
constexpr std::uint32_t media_time = 1000000;

raster::DrawOp fill(const Rect& box, std::uint32_t color) {
  raster::DrawOp op;
  op.box = box;
  op.operation = raster::Fill{raster::Color{color}};
  return op;
}

channels::StreamInfo stream_of(VideoCodec codec, const Clip& clip) {
  channels::StreamInfo stream;
  stream.codec = codec;
  stream.stream_size = stream.source_size = clip.size;
  stream.dest = where;
  return stream;
}

channels::StreamFrame frame_at(std::uint32_t time, Size size = {160, 120}, Rect dest = where) {
  channels::StreamFrame frame;
  frame.multi_media_time = time;
  frame.size = size;
  frame.dest = dest;
  return frame;
}

/// The largest mean difference of a component in `area`: codecs lose a little everywhere and much
/// at edges.
double difference(const Bitmap& shown, Rect area, const Bitmap& picture, bool upside_down) {
  double worst = 0;
  for (const int shift : {0, 8, 16}) {
    double sum = 0;
    for (std::int32_t y = area.top; y < area.bottom; ++y) {
      const std::int32_t row = upside_down ? where.bottom - 1 - y : y - where.top;
      for (std::int32_t x = area.left; x < area.right; ++x) {
        const auto is = static_cast<int>(shown.row32(y)[x] >> shift & 255);
        const auto should = static_cast<int>(picture.row32(row)[x - where.left] >> shift & 255);
        sum += std::abs(is - should);
      }
    }
    worst = std::max(worst, sum / (area.width() * area.height()));
  }
  return worst;
}

std::uint32_t pixel(const Bitmap& bitmap, std::int32_t x, std::int32_t y) {
  return bitmap.row32(y)[x] & 0xffffff;
}

/// Is it about the colour 0xRRGGBB?
bool about(std::uint32_t color, std::uint32_t expected, int tolerance = 12) {
  for (const int shift : {0, 8, 16}) {
    const auto a = static_cast<int>(color >> shift & 255);
    if (std::abs(a - static_cast<int>(expected >> shift & 255)) > tolerance) return false;
  }
  return true;
}

struct Way {
  VideoCodec codec;
  unsigned threads;
  client::RendererChoice renderer;
};
std::string name_of(const Way& way) {
  static const char* const codecs[] = {"", "mjpeg", "vp8", "h264", "vp9", "h265"};
  return std::string(codecs[static_cast<int>(way.codec)]) + "_threads" +
         std::to_string(way.threads) +
         (way.renderer == client::RendererChoice::gl ? "_gl" : "_cairo");
}

std::vector<Way> ways() {
  std::vector<Way> all;
  for (const VideoCodec codec :
       {VideoCodec::mjpeg, VideoCodec::vp8, VideoCodec::vp9, VideoCodec::h264, VideoCodec::h265}) {
    all.push_back({codec, 0, client::RendererChoice::cairo});
    all.push_back({codec, 2, client::RendererChoice::cairo});
    all.push_back({codec, 2, client::RendererChoice::gl});
  }
  return all;
}

class SessionVideo : public ::testing::TestWithParam<Way> {
 protected:
  VideoCodec codec() const { return GetParam().codec; }
  std::unique_ptr<VideoViewer> view(const SpiceStage& stage) const {
    return std::make_unique<VideoViewer>(stage.address(), GetParam().threads,
                                         client::usable_video_codecs(), GetParam().renderer);
  }
};

TEST_P(SessionVideo, KeepsItsPlaceItsClipAndWhichWayIsUp) {
  const Clip clip;
  const auto frames = encode_video(codec(), clip);
  ASSERT_TRUE(frames) << frames.error().message();
  const auto picture = picture_of(clip);
  ASSERT_TRUE(picture) << picture.error().message();
  for (const bool top_down : {true, false}) {
    const auto stage = SpiceStage::start([&](DisplayServer& display) {
      display.send_surface_create({0, screen_size, raster::PixelFormat::xrgb32, true});
      EXPECT_TRUE(display.send_draw(fill(Rect::of(screen_size), gray)));
      channels::StreamInfo stream = stream_of(codec(), clip);
      stream.top_down = top_down;
      stream.clip.rects = {{20, 10, 180, 70}, {20, 90, 180, 130}};
      display.send_stream_create(stream);
      for (const Bytes& frame : *frames) {
        display.send_stream_frame(frame_at(0), SharedBytes(Bytes(frame)));
      }
      EXPECT_TRUE(display.send_draw(fill({20, 10, 40, 30}, cover)));  // after the frames
      display.send_stream_destroy(0);
      display.send_mark();
    });
    ASSERT_TRUE(stage) << stage.error().message();
    const auto viewer = view(**stage);
    ASSERT_TRUE(viewer->pump_draws(2 + frames->size()));
    const auto shown = viewer->screen().snapshot();
    ASSERT_TRUE(shown);
    EXPECT_LT(difference(*shown, {40, 30, 180, 70}, *picture, !top_down), 10) << top_down;
    EXPECT_LT(difference(*shown, {20, 90, 180, 130}, *picture, !top_down), 10) << top_down;
    EXPECT_EQ(pixel(*shown, 25, 15), cover);
    EXPECT_EQ(pixel(*shown, 100, 80), gray) << "between the clip's rectangles";
    EXPECT_EQ(pixel(*shown, 19, 50), gray);
    EXPECT_EQ(pixel(*shown, 180, 50), gray);
    EXPECT_EQ(viewer->video().shown, frames->size());
    EXPECT_EQ(viewer->video().failed, 0u);
    EXPECT_EQ(viewer->screen().failures(), 0u);
    const bool by_planes =
        codec() != VideoCodec::mjpeg && GetParam().renderer == client::RendererChoice::gl;
    EXPECT_EQ(viewer->planes_seen(), by_planes ? frames->size() : 0);
    if (!by_planes) continue;
    // What GStreamer's own conversion gives on the memory canvas; it repeats samples of colour
    // where ours lie on a line, so edges differ. The middle of each of the seven bars does not.
    VideoViewer other((*stage)->address(), 0, client::usable_video_codecs());
    ASSERT_TRUE(other.pump_draws(2 + frames->size()));
    const auto theirs = other.screen().snapshot();
    for (int bar = 0; bar < 7; ++bar) {
      const std::int32_t x = where.left + 11 + bar * 160 / 7, y = top_down ? 60 : 100;
      if (x < 40) continue;  // covered
      const std::uint32_t ours = pixel(*shown, x, y);
      const std::int32_t row = top_down ? y - where.top : where.bottom - 1 - y;
      EXPECT_TRUE(about(ours, pixel(*picture, x - where.left, row), 2)) << std::hex << ours;
      EXPECT_TRUE(about(ours, pixel(*theirs, x, y), 6))
          << std::hex << ours << " " << pixel(*theirs, x, y);
    }
  }
}

TEST_P(SessionVideo, LateFramesAreLeftOutAndReported) {
  const auto frames = encode_video(codec(), {.frames = 6, .pattern = "green"});
  ASSERT_TRUE(frames) << frames.error().message();
  const auto stage = SpiceStage::start(
      [&](DisplayServer& display) {
        display.send_surface_create({0, screen_size, raster::PixelFormat::xrgb32, true});
        EXPECT_TRUE(display.send_draw(fill(Rect::of(screen_size), gray)));
        display.send_stream_create(stream_of(codec(), {}));
        EXPECT_TRUE(display.send_stream_activate_report({0, 77, 6, 1000000}));
        for (std::size_t i = 0; i < frames->size(); ++i) {
          // Two that were due long ago, in the middle; then the codec has to go on.
          const std::uint32_t due = i == 2 || i == 3 ? media_time / 2 : media_time * 2;
          display.send_stream_frame(frame_at(due), SharedBytes(Bytes((*frames)[i])));
        }
        display.send_mark();
      },
      media_time);
  ASSERT_TRUE(stage) << stage.error().message();
  const auto viewer = view(**stage);
  ASSERT_TRUE(viewer->pump_draws(1 + 4));
  ASSERT_TRUE(wait_until([&] { return !(*stage)->reports().empty(); }));
  const channels::StreamReport report = (*stage)->reports().front();
  EXPECT_EQ(report.unique_id, 77u);
  EXPECT_EQ(report.frames, 6u);
  EXPECT_EQ(report.drops, 2u);
  EXPECT_EQ(report.start_time, media_time * 2);
  const client::VideoStatistics video = viewer->video();
  EXPECT_EQ(video.frames, 6u);
  EXPECT_EQ(video.shown, 4u);
  EXPECT_EQ(video.late, 2u);
  EXPECT_EQ(video.failed, 0u);
  EXPECT_TRUE(about(pixel(*viewer->screen().snapshot(), 100, 80), 0x00ff00));
}

TEST_P(SessionVideo, AFrameOfAnotherSizeSaysWhereItGoes) {
  const auto large = encode_video(codec(), {.frames = 1, .pattern = "red"});
  const auto small = encode_video(codec(), {.size = {80, 64}, .frames = 2, .pattern = "blue"});
  ASSERT_TRUE(large && small);
  const Rect corner{200, 150, 280, 214};
  const auto stage = SpiceStage::start([&](DisplayServer& display) {
    display.send_surface_create({0, screen_size, raster::PixelFormat::xrgb32, true});
    EXPECT_TRUE(display.send_draw(fill(Rect::of(screen_size), gray)));
    display.send_stream_create(stream_of(codec(), {}));
    display.send_stream_frame(frame_at(0), SharedBytes(Bytes((*large)[0])));
    for (const Bytes& frame : *small) {
      display.send_stream_frame(frame_at(0, {80, 64}, corner), SharedBytes(Bytes(frame)));
    }
    display.send_mark();
  });
  ASSERT_TRUE(stage) << stage.error().message();
  const auto viewer = view(**stage);
  ASSERT_TRUE(viewer->pump_draws(1 + 3));
  const auto shown = viewer->screen().snapshot();
  EXPECT_TRUE(about(pixel(*shown, 100, 80), 0xff0000)) << std::hex << pixel(*shown, 100, 80);
  EXPECT_TRUE(about(pixel(*shown, 202, 152), 0x0000ff));
  EXPECT_TRUE(about(pixel(*shown, 278, 212), 0x0000ff));
  EXPECT_EQ(pixel(*shown, 281, 215), gray);
}

INSTANTIATE_TEST_SUITE_P(All, SessionVideo, ::testing::ValuesIn(ways()),
                         [](const auto& info) { return name_of(info.param); });

/// Hides every decoder of a codec, as if its package were not installed.
class WithoutDecoders {
 public:
  explicit WithoutDecoders(const char* caps) {
    gst_init(nullptr, nullptr);
    GstCaps* wanted = gst_caps_from_string(caps);
    GList* all =
        gst_element_factory_list_get_elements(GST_ELEMENT_FACTORY_TYPE_DECODER, GST_RANK_MARGINAL);
    GList* fitting = gst_element_factory_list_filter(all, wanted, GST_PAD_SINK, FALSE);
    for (GList* each = fitting; each != nullptr; each = each->next) {
      auto* feature = GST_PLUGIN_FEATURE(gst_object_ref(each->data));
      hidden_.emplace_back(feature, gst_plugin_feature_get_rank(feature));
      gst_plugin_feature_set_rank(feature, GST_RANK_NONE);
    }
    gst_plugin_feature_list_free(fitting);
    gst_plugin_feature_list_free(all);
    gst_caps_unref(wanted);
  }
  ~WithoutDecoders() {
    for (const auto& [feature, rank] : hidden_) {
      gst_plugin_feature_set_rank(feature, rank);
      gst_object_unref(feature);
    }
  }
  std::size_t count() const { return hidden_.size(); }

 private:
  std::vector<std::pair<GstPluginFeature*, guint>> hidden_;
};

TEST(MissingPlugin, IsSaidInOneLineAndNotOffered) {
  const auto stage = SpiceStage::start([](DisplayServer& display) {
    display.send_surface_create({0, screen_size, raster::PixelFormat::xrgb32, true});
    EXPECT_TRUE(display.send_draw(fill(Rect::of(screen_size), gray)));
    channels::StreamInfo stream = stream_of(VideoCodec::vp8, {});
    display.send_stream_create(stream);  // all the same
    display.send_stream_frame(frame_at(0), SharedBytes(Bytes{1, 2, 3}));
    display.send_mark();
  });
  ASSERT_TRUE(stage) << stage.error().message();
  {
    VideoViewer all((*stage)->address(), 0, client::usable_video_codecs());
    ASSERT_TRUE(all.pump_draws(1));
    EXPECT_TRUE((*stage)->offers(SPICE_DISPLAY_CAP_CODEC_VP8));
    EXPECT_TRUE((*stage)->offers(SPICE_DISPLAY_CAP_CODEC_H265));
    EXPECT_THAT((*stage)->preferred_video(), ::testing::Contains(VideoCodec::vp8));
  }
  const WithoutDecoders hidden("video/x-vp8");
  ASSERT_GT(hidden.count(), 0u);
  ::testing::internal::CaptureStderr();
  {
    VideoViewer viewer((*stage)->address(), 0, client::usable_video_codecs());
    ASSERT_TRUE(viewer.pump_draws(1));
    EXPECT_FALSE((*stage)->offers(SPICE_DISPLAY_CAP_CODEC_VP8));
    EXPECT_TRUE((*stage)->offers(SPICE_DISPLAY_CAP_CODEC_VP9));
    EXPECT_TRUE((*stage)->offers(SPICE_DISPLAY_CAP_CODEC_MJPEG));
    EXPECT_THAT((*stage)->preferred_video(), ::testing::Not(::testing::Contains(VideoCodec::vp8)));
  }
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, ::testing::HasSubstr("VP8 video needs a GStreamer decoder: install "
                                        "gstreamer1.0-plugins-good"));
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 2)
      << log;  // offered not; created all the same
}

}  // namespace
}  // namespace cassia::test
