// SPDX-License-Identifier: Apache-2.0
// Streams against time: reports, late frames; and what a client is told to keep or forget.

#include <spice/enums.h>

#include "channels/display/client_palette_model.h"
#include "channels/display/stream_reporter.h"
#include "protocol/spice/display_messages.h"
#include "protocol/spice/draw.h"
#include "tests/unit/channels/display_harness.h"

namespace cassia::channels {
namespace {

using namespace std::chrono_literals;
using raster::PixelFormat;

TEST(StreamReporterTest, ReportsAfterTheWindowTheTimeOrThreeDrops) {
  StreamReporter reporter;
  TimePoint now{};
  EXPECT_FALSE(reporter.frame(1, -5, 0, now));  // not asked
  reporter.activate({3, 77, 4, 1000});
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_FALSE(reporter.frame(100 + i, 50, 9, now += 1ms));
  const auto window = reporter.frame(103, 40, 9, now);
  ASSERT_TRUE(window);
  EXPECT_EQ(window->stream, 3u);
  EXPECT_EQ(window->unique_id, 77u);
  EXPECT_EQ(window->start_time, 100u);
  EXPECT_EQ(window->end_time, 103u);
  EXPECT_EQ(window->frames, 4u);
  EXPECT_EQ(window->drops, 0u);
  EXPECT_EQ(window->last_frame_delay, 40);
  EXPECT_EQ(window->audio_delay, 9u);

  EXPECT_FALSE(reporter.frame(200, 50, 9, now));
  const auto timeout = reporter.frame(201, -1, 9, now += 1s);
  ASSERT_TRUE(timeout);
  EXPECT_EQ(timeout->frames, 2u);
  EXPECT_EQ(timeout->drops, 1u);

  EXPECT_FALSE(reporter.frame(300, -1, 9, now));
  EXPECT_FALSE(reporter.frame(301, -2, 9, now));
  const auto drops = reporter.frame(302, -3, 9, now);
  ASSERT_TRUE(drops);
  EXPECT_EQ(drops->drops, 3u);
  EXPECT_EQ(drops->last_frame_delay, -3);
}

TEST(MediaClockTest, GoesOnByItselfAndWraps) {
  MediaClock clock;
  EXPECT_FALSE(clock.at(TimePoint{}));
  clock.set(0, TimePoint{});
  EXPECT_FALSE(clock.at(TimePoint{}));
  clock.set(0xfffffff0u, TimePoint{} + 5s);
  EXPECT_EQ(clock.at(TimePoint{} + 5s + 32ms), 16u);
}

struct StreamPair : DisplayPair {
  static DisplayClientOptions options(std::shared_ptr<MediaClock> clock) {
    DisplayClientOptions options;
    options.media_clock = std::move(clock);
    return options;
  }
  explicit StreamPair(std::shared_ptr<MediaClock> clock) : DisplayPair(options(std::move(clock))) {
    make_surface();
    StreamInfo info;
    info.stream_size = info.source_size = {16, 16};
    info.dest = {0, 0, 16, 16};
    server->send_stream_create(info);
    pair->pump();
  }
  void frame(std::uint32_t time) {
    server->send_stream_frame({0, time, {16, 16}, {0, 0, 16, 16}, {}}, SharedBytes(Bytes{1, 2}));
    pair->pump();
  }
};

TEST(StreamReportTest, TheServerAsksAndHears) {
  const auto clock = std::make_shared<MediaClock>();
  clock->set(1000, TimePoint{});  // messages come at that time, too
  StreamPair pair(clock);
  ASSERT_TRUE(pair.server->send_stream_activate_report({0, 42, 3, 100000}));
  for (const std::uint32_t time : {1200u, 900u, 1001u}) pair.frame(time);
  ASSERT_EQ(pair.server_log.reports.size(), 1u);
  const StreamReport& report = pair.server_log.reports[0];
  EXPECT_EQ(report.unique_id, 42u);
  EXPECT_EQ(report.start_time, 1200u);
  EXPECT_EQ(report.end_time, 1001u);
  EXPECT_EQ(report.frames, 3u);
  EXPECT_EQ(report.drops, 1u);
  EXPECT_EQ(report.last_frame_delay, 1);
  EXPECT_EQ(report.audio_delay, 0xffffffffu);
  ASSERT_EQ(pair.client_log.frames.size(), 3u);
  EXPECT_FALSE(pair.client_log.frames[0].late);
  EXPECT_TRUE(pair.client_log.frames[1].late);
  EXPECT_FALSE(pair.client_log.frames[2].late);
  EXPECT_TRUE(pair.client_log.problems.empty());
}

TEST(StreamReportTest, AFrameWithoutATimeIsNeverLate) {
  const auto clock = std::make_shared<MediaClock>();
  clock->set(1000, TimePoint{});
  StreamPair pair(clock);
  pair.frame(0);
  EXPECT_FALSE(pair.client_log.frames.at(0).late);
}

TEST(StreamReportTest, WhoDoesNotOfferItIsNotAsked) {
  StreamPair pair(nullptr);
  EXPECT_FALSE(pair.server->send_stream_activate_report({0, 42, 3, 100}));
  pair.frame(1);
  EXPECT_FALSE(pair.client_log.frames.at(0).late);
  // A server that asks all the same is answered by nothing: there is no clock to measure with.
  ASSERT_TRUE(pair.client->on_message(SPICE_MSG_DISPLAY_STREAM_ACTIVATE_REPORT,
                                      wire::encode(spice::StreamActivateReport{0, 1, 1, 1}), {}));
  pair.frame(2);
  EXPECT_TRUE(pair.server_log.reports.empty());
}

TEST(StreamReportTest, AReportOnNoStreamIsAProblem) {
  StreamPair pair(std::make_shared<MediaClock>());
  ASSERT_TRUE(pair.client->on_message(SPICE_MSG_DISPLAY_STREAM_ACTIVATE_REPORT,
                                      wire::encode(spice::StreamActivateReport{9, 1, 1, 1}), {}));
  EXPECT_EQ(pair.client_log.problems.size(), 1u);
}

TEST(StreamReportTest, PreferredVideoCodecsReachTheServerWithoutUnknownOnes) {
  DisplayPair pair;
  ASSERT_TRUE(pair.server->on_message(SPICE_MSGC_DISPLAY_PREFERRED_VIDEO_CODEC_TYPE,
                                      Bytes{3, 4, 99, 1}, {}));
  EXPECT_EQ(pair.server_log.video, (std::vector<VideoCodec>{VideoCodec::vp9, VideoCodec::mjpeg}));
}

/// 16 pixels of 8 bits, with a palette that `seed` makes unlike others.
raster::DrawOp palettised(std::uint32_t seed) {
  auto palette = std::make_shared<raster::Palette>();
  for (std::uint32_t i = 0; i < 256; ++i) palette->colors.push_back(i * 3 + seed * 1000);
  auto image = std::make_shared<raster::EncodedImage>();
  image->codec = raster::ImageCodec::bitmap;
  image->bitmap_format = raster::WireBitmapFormat::bit8;
  image->size = {4, 4};
  image->stride = 4;
  image->top_down = true;
  image->palette = palette;
  image->data = SharedBytes(Bytes{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255});
  raster::Copy copy;
  copy.src.source = raster::EncodedImagePtr(image);
  copy.src_area = {0, 0, 4, 4};
  raster::DrawOp op;
  op.box = {0, 0, 4, 4};
  op.operation = copy;
  return op;
}

std::uint32_t last_pixel(const raster::DrawOpPtr& op) {
  const raster::Bitmap* bitmap = std::get<raster::Copy>(op->operation).src.bitmap();
  return bitmap ? bitmap->row32(3)[3] & 0xffffff : 0;
}

TEST(PaletteCacheTest, APaletteTravelsOnceAndManyAreAlwaysRight) {
  DisplayPair pair({}, 4096);
  pair.make_surface();
  ASSERT_TRUE(pair.carry(palettised(1)));
  const std::uint64_t before = pair.pair->server->stats().bytes_sent;
  const auto again = pair.carry(palettised(1));
  ASSERT_TRUE(again);
  EXPECT_EQ(last_pixel(again), 255u * 3 + 1000);
  EXPECT_LT(pair.pair->server->stats().bytes_sent - before, 300u);  // not 1024 of colours
  for (std::uint32_t i = 0; i < 600; ++i) {
    const std::uint32_t seed = i * 7 % 200;  // more than are cached: old ones go
    const auto got = pair.carry(palettised(seed));
    ASSERT_TRUE(got);
    ASSERT_EQ(last_pixel(got), (255u * 3 + seed * 1000) & 0xffffff) << i;
  }
}

TEST(PaletteCacheTest, AResetAndForgettingClearBothSides) {
  DisplayPair pair;
  pair.make_surface();
  ASSERT_TRUE(pair.carry(palettised(1)));
  pair.server->send_reset();
  pair.make_surface();
  EXPECT_TRUE(pair.carry(palettised(1)));
  pair.server->send_forget_images();
  const auto after = pair.carry(palettised(1));
  ASSERT_TRUE(after);
  EXPECT_EQ(last_pixel(after), 255u * 3 + 1000);
}

TEST(PaletteCacheTest, TheModelEvictsNothingThatItsDrawSends) {
  ClientPaletteModel model;
  model.begin_draw();
  const auto first = model.use({1, 2});
  EXPECT_FALSE(first.cached);
  EXPECT_FALSE(model.use({1, 2}).cached);  // the same draw
  model.begin_draw();
  EXPECT_TRUE(model.use({1, 2}).cached);
  model.use({3});
  model.abandon_draw();
  model.begin_draw();
  EXPECT_FALSE(model.use({3}).cached);
  for (std::uint32_t i = 0; i < ClientPaletteModel::capacity; ++i) {
    model.begin_draw();
    model.use({1000 + i});
  }
  EXPECT_EQ(model.take_evicted().size(), 2u);
}

/// An image as JPEG made it, and the same one exactly.
raster::DrawOp with_identity(raster::ImageRef image) {
  image.identity = {5, true};
  raster::Copy copy;
  copy.src = std::move(image);
  copy.src_area = {0, 0, 16, 16};
  raster::DrawOp op;
  op.box = {0, 0, 16, 16};
  op.operation = copy;
  return op;
}

TEST(LossyCacheTest, TheExactImageTakesThePlaceOfTheLossyOne) {
  DisplayPair pair({}, 4096);
  pair.make_surface();
  const auto exact = picture({16, 16}, PixelFormat::xrgb32);
  raster::ImageRef lossy;
  auto encoded = codec::encode_jpeg(*exact, 60);
  ASSERT_TRUE(encoded);
  lossy.source = std::make_shared<const raster::EncodedImage>(std::move(*encoded));
  const auto pixels_of = [](const raster::DrawOpPtr& op) {
    return *std::get<raster::Copy>(op->operation).src.bitmap();
  };

  const auto first = pair.carry(with_identity(lossy));
  ASSERT_TRUE(first);
  EXPECT_FALSE(raster::same_pixels(pixels_of(first), *exact));
  const std::uint64_t sent = pair.pair->server->stats().bytes_sent;
  const auto second = pair.carry(with_identity(lossy));  // FROM_CACHE
  EXPECT_LT(pair.pair->server->stats().bytes_sent - sent, 200u);
  EXPECT_TRUE(raster::same_pixels(pixels_of(second), pixels_of(first)));
  const auto third = pair.carry(with_identity(image_of(exact)));  // CACHE_REPLACE_ME
  EXPECT_TRUE(raster::same_pixels(pixels_of(third), *exact));
  const std::uint64_t before = pair.pair->server->stats().bytes_sent;
  const auto fourth = pair.carry(with_identity(lossy));  // FROM_CACHE_LOSSLESS: better than asked
  EXPECT_LT(pair.pair->server->stats().bytes_sent - before, 200u);
  EXPECT_TRUE(raster::same_pixels(pixels_of(fourth), *exact));
}

TEST(DisplayFlowTest, AClientThatNeverAcknowledgesOrNeverReadsStopsTheSender) {
  DisplayPair pair({}, 4096);
  pair.make_surface();
  pair.pair->pump();
  const auto bitmap = picture({64, 64}, PixelFormat::xrgb32);
  raster::Copy copy;
  copy.src = image_of(bitmap);
  copy.src_area = {0, 0, 64, 64};
  raster::DrawOp op;
  op.box = {0, 0, 64, 64};
  op.operation = copy;
  // Never reads: some 16 KiB each, until 256 KiB wait.
  int unread = 0;
  for (; unread < 1000 && pair.server->link()->writable(); ++unread) {
    ASSERT_TRUE(pair.server->send_draw(op));
  }
  EXPECT_LE(unread, 17);
  EXPECT_LE(pair.server->link()->pending_output(), std::size_t{256 + 17} << 10);
  pair.pair->pump();
  // Reads, but its acks never arrive.
  int unacked = 0;
  for (; unacked < 1000 && pair.server->link()->writable(); ++unacked) {
    ASSERT_TRUE(pair.server->send_draw(op));
    (void)drain(*pair.pair->server);
  }
  EXPECT_LE(unacked, 41);
  EXPECT_EQ(pair.server->link()->pending_output(), 0u);
}

TEST(ForgetImagesTest, WaitsForTheChannelsThatShareTheCache) {
  const auto board = std::make_shared<SerialBoard>();
  int elsewhere = 0;
  board->join({spice::ChannelType::display, 1}, [&] { ++elsewhere; });
  DisplayPair pair({}, 4096, board);
  pair.make_surface();
  const auto exact = picture({16, 16}, PixelFormat::xrgb32);
  ASSERT_TRUE(pair.carry(with_identity(image_of(exact))));
  pair.server->send_forget_images(
      {{static_cast<std::uint8_t>(spice::ChannelType::display), 1, 10}});
  pair.server->send_mark();
  pair.pair->pump();
  EXPECT_EQ(pair.client_log.marks, 0);  // nothing goes on before the other channel has
  board->handled({spice::ChannelType::display, 1}, 10);
  EXPECT_EQ(pair.client_log.marks, 1);
  // And then it has forgotten: the server sends the image whole, which a client that had not would
  // take as well, so a reference of our own making is tried.
  spice::DrawCopy copy;
  copy.base.box = {0, 0, 16, 16};
  copy.src.emplace();
  copy.src->type = spice::ImageType::from_cache;
  copy.src->id = 1;
  copy.src->width = copy.src->height = 16;
  copy.src_area = {0, 0, 16, 16};
  ASSERT_TRUE(pair.client->on_message(SPICE_MSG_DISPLAY_DRAW_COPY, wire::encode(copy), {}));
  EXPECT_EQ(pair.client_log.problems.size(), 1u);
}

}  // namespace
}  // namespace cassia::channels
