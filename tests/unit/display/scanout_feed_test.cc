// SPDX-License-Identifier: Apache-2.0
#include "server/display/scanout_feed.h"

#include <gmock/gmock.h>

#include "channels/display/drm_format.h"
#include "tests/unit/display/model_viewer.h"

namespace cassia::server {
namespace {

using raster::PixelFormat;
using raster::Rect;
using testing::ElementsAre;

constexpr channels::SurfaceInfo screen{0, {200, 100}, PixelFormat::xrgb32, true};
const Rect whole = Rect::of(screen.size);

/// Reads the memory as a viewer would: only what a draw names.
class Reader : public ScanoutSink {
 public:
  void gl_scanout(const channels::GlScanout& scanout) override {
    log_.emplace_back(scanout.memory ? "scanout" : "end");
    scanout_ = scanout;
    picture_ = {};
    memory_.reset();
    if (!scanout.memory) return;
    const auto bytes = std::size_t{scanout.stride} * static_cast<std::size_t>(scanout.size.height);
    memory_ = *SharedMemory::map(scanout.memory, bytes);
    picture_ =
        *raster::Bitmap::create_cleared(scanout.size, *channels::screen_format_of(scanout.fourcc));
  }
  void gl_draw(const Rect& area) override {
    log_.emplace_back("draw");
    areas_.push_back(area);
  }
  void monitors(const channels::MonitorsConfig&) override { log_.emplace_back("monitors"); }

  void read(const Rect& area) {
    const auto bits = static_cast<std::size_t>(raster::bits_per_pixel(picture_.format()));
    const std::size_t left = static_cast<std::size_t>(area.left) * bits / 8;
    for (std::int32_t y = area.top; y < area.bottom; ++y) {
      const std::uint8_t* const row = memory_->data() + std::size_t{scanout_.stride} * y;
      std::memcpy(picture_.row(y) + left, row + left,
                  static_cast<std::size_t>(area.width()) * bits / 8);
    }
  }
  /// Reads and answers until nothing comes any more.
  void catch_up(ScanoutFeed& feed) {
    while (!areas_.empty()) {
      read(areas_.front());
      areas_.erase(areas_.begin());
      feed.draw_done();
    }
  }
  std::uint32_t pixel_in_memory(std::int32_t x, std::int32_t y) const {
    std::uint32_t pixel = 0;
    std::memcpy(&pixel, memory_->data() + std::size_t{scanout_.stride} * y + 4 * x, 4);
    return pixel;
  }
  void expect_same_as(Pipeline& pipeline) {
    const auto expected = pipeline.picture();
    ASSERT_TRUE(expected);
    EXPECT_TRUE(raster::same_pixels(picture_, *expected));
  }

  std::vector<std::string> log_;
  std::vector<Rect> areas_;  ///< drawn and not read
  channels::GlScanout scanout_;

 private:
  std::shared_ptr<const SharedMemory> memory_;
  raster::Bitmap picture_;
};

TEST(ScanoutFeedTest, ALateViewerGetsThePictureThenEachChange) {
  PipelineFixture f;
  f.pipeline->surface_create(screen);
  f.pipeline->draw(fill_op(0, whole, 0x112233));
  Reader reader;
  ScanoutFeed* feed = f.pipeline->attach_scanout(reader);
  EXPECT_EQ(f.pipeline->viewers(), 1u);
  EXPECT_THAT(reader.log_, ElementsAre("scanout", "draw"));
  EXPECT_THAT(reader.areas_, ElementsAre(whole));
  reader.catch_up(*feed);
  reader.expect_same_as(*f.pipeline);
  f.pipeline->draw(fill_op(0, {5, 6, 50, 60}, 0xff0000));
  EXPECT_THAT(reader.areas_, ElementsAre(Rect{5, 6, 50, 60}));
  reader.catch_up(*feed);
  reader.expect_same_as(*f.pipeline);
  f.pipeline->detach(feed);
  EXPECT_EQ(f.pipeline->viewers(), 0u);
}

TEST(ScanoutFeedTest, OneDrawAtATimeAndMemoryStandsStillMeanwhile) {
  PipelineFixture f;
  f.pipeline->surface_create(screen);
  Reader reader;
  ScanoutFeed* feed = f.pipeline->attach_scanout(reader);
  for (int i = 0; i < 100; ++i) {
    f.pipeline->draw(fill_op(0, {i, 0, i + 1, 100}, 0x10101 * static_cast<std::uint32_t>(i)));
  }
  EXPECT_THAT(reader.areas_, ElementsAre(whole)) << "not answered yet";
  EXPECT_EQ(reader.pixel_in_memory(50, 50), 0u) << "what is being read does not change";
  reader.catch_up(*feed);
  EXPECT_THAT(reader.log_, ElementsAre("scanout", "draw", "draw")) << "what waited is one draw";
  reader.expect_same_as(*f.pipeline);
}

TEST(ScanoutFeedTest, FarApartChangesAreNotOneBigDraw) {
  PipelineFixture f;
  f.pipeline->surface_create(screen);
  Reader reader;
  ScanoutFeed* feed = f.pipeline->attach_scanout(reader);
  f.pipeline->draw(fill_op(0, {0, 0, 2, 2}, 0xff));
  f.pipeline->draw(fill_op(0, {198, 98, 200, 100}, 0xff));
  reader.areas_.clear();
  feed->draw_done();
  EXPECT_THAT(reader.areas_, ElementsAre(Rect{0, 0, 2, 2}));
  reader.areas_.clear();
  feed->draw_done();
  EXPECT_THAT(reader.areas_, ElementsAre(Rect{198, 98, 200, 100}));
}

TEST(ScanoutFeedTest, FollowsThePrimarySurfaceThroughModes) {
  PipelineFixture f;
  Reader reader;
  ScanoutFeed* feed = f.pipeline->attach_scanout(reader);
  EXPECT_THAT(reader.log_, ElementsAre("end"));
  for (const PixelFormat format : {PixelFormat::xrgb32, PixelFormat::rgb565, PixelFormat::rgb555}) {
    f.pipeline->surface_create({0, {77, 33}, format, true});
    f.pipeline->surface_create({5, {10, 10}, format, false});
    f.pipeline->draw(fill_op(5, {0, 0, 10, 10}, 0x123456));  // of nobody's concern here
    f.pipeline->draw(fill_op(0, {3, 3, 40, 30}, 0x123456));
    EXPECT_EQ(reader.scanout_.fourcc, channels::fourcc_of(format));
    reader.catch_up(*feed);
    reader.expect_same_as(*f.pipeline);
  }
  f.pipeline->surface_destroy(0);
  EXPECT_EQ(reader.log_.back(), "end");
  EXPECT_EQ(reader.scanout_.fourcc, 0u);
}

TEST(ScanoutFeedTest, TellsOfMonitors) {
  PipelineFixture f;
  f.pipeline->surface_create(screen);
  f.pipeline->monitors({1, {{0, 0, whole, 0}}});
  Reader reader;
  f.pipeline->attach_scanout(reader);
  EXPECT_EQ(reader.log_.back(), "monitors");
  f.pipeline->monitors({1, {{0, 0, {0, 0, 10, 10}, 0}}});
  EXPECT_EQ(std::count(reader.log_.begin(), reader.log_.end(), "monitors"), 2);
}

}  // namespace
}  // namespace cassia::server
