// SPDX-License-Identifier: Apache-2.0
// What a display channel tells keeps its order whichever image is ready first: with images that the
// test readies by hand, and with threads.

#include <spice/enums.h>

#include <algorithm>

#include "protocol/spice/display_messages.h"
#include "protocol/spice/draw.h"
#include "render/codec/decode_lane.h"
#include "render/codec/encode.h"
#include "tests/unit/channels/display_harness.h"

namespace cassia::channels {
namespace {

using raster::PixelFormat;

/// Decodes when told to.
class ManualLane final : public codec::DecodeLane {
 public:
  class Image final : public codec::PendingImage {
   public:
    explicit Image(raster::EncodedImage image) : PendingImage(std::move(image)) {
      image_.data = SharedBytes(to_bytes(image_.data.view()));
    }
    void decode(codec::GlzWindow* window) {
      codec::DecodeContext context{.glz_window = window};
      set_result(run(context, false));
    }
    void release() override { released = true; }
    bool released = false;
  };

  void set_glz_window(std::shared_ptr<codec::GlzWindow> window) override {
    window_ = std::move(window);
  }
  void set_on_ready(std::function<void()> ready) override { on_ready_ = std::move(ready); }
  codec::PendingImagePtr decode(const raster::EncodedImage& image,
                                const codec::ImageUse&) override {
    images.push_back(std::make_shared<Image>(image));
    return images.back();
  }
  void finish() override {
    for (const auto& image : images) {
      if (!image->ready()) image->decode(window_.get());
    }
  }
  std::chrono::nanoseconds decode_time() const override { return {}; }

  void ready(std::size_t which) {
    images.at(which)->decode(window_.get());
    if (on_ready_) on_ready_();
  }

  std::vector<std::shared_ptr<Image>> images;

 private:
  std::shared_ptr<codec::GlzWindow> window_;
  std::function<void()> on_ready_;
};

/// Everything in one row.
struct OrderLog final : DisplayClientEvents {
  void display_surface_create(const SurfaceInfo& s) override { add("create {}", s.id); }
  void display_surface_destroy(raster::SurfaceId id) override { add("destroy {}", id); }
  void display_mark() override { add("mark"); }
  void display_reset() override { add("reset"); }
  void display_draw(raster::DrawOpPtr op) override {
    add("{} {}", raster::name_of(op->operation), op->box.left);
    raster::for_each_image(op->operation, [](const raster::ImageRef& image) {
      EXPECT_EQ(image.encoded(), nullptr) << "an image was not filled in";
    });
    draws.push_back(std::move(op));
  }
  void display_monitors(const MonitorsConfig&) override { add("monitors"); }
  void display_stream_create(const StreamInfo& s) override { add("stream {}", s.id); }
  void display_stream_frame(const StreamFrame& f) override { add("frame {}", as_text(f.data)); }
  void display_stream_clip(std::uint32_t id, const raster::Clip&) override { add("clip {}", id); }
  void display_stream_destroy(std::uint32_t id) override { add("end {}", id); }
  void display_stream_destroy_all() override { add("end all"); }
  void display_backlog(bool behind) override { add("{}", behind ? "behind" : "caught up"); }
  void display_problem(const std::string& text) override { add("{}", text); }
  void display_closed(const Error&) override { add("closed"); }

  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    events.push_back(fmt::format(format, std::forward<Args>(args)...));
  }
  std::vector<std::string> take() { return std::exchange(events, {}); }

  std::vector<std::string> events;
  std::vector<raster::DrawOpPtr> draws;
};

using Events = std::vector<std::string>;

class DisplayOrderTest : public testing::Test {
 protected:
  explicit DisplayOrderTest(std::size_t ahead = std::size_t{64} << 20) {
    DisplayClientOptions options;
    options.decoder = lane;
    options.decode_ahead_bytes = ahead;
    pair = std::make_unique<Pair>(
        [this](const LinkRequest&) {
          auto made = DisplayServer::create(server_log);
          server = made.get();
          return made;
        },
        DisplayClient::create(log, std::move(options)),
        ClientLinkParams{{spice::ChannelType::display, 0}, 1, {}}, 512);
    pair->pump();
    server->send_surface_create({0, {640, 64}, PixelFormat::xrgb32, true});
    pair->pump();
    log.take();
  }

  void copy(std::int32_t x, raster::ImageRef image, raster::SurfaceId surface = 0) {
    raster::Copy copy;
    copy.src = std::move(image);
    copy.src_area = {0, 0, 8, 8};
    const auto sent = server->send_draw({surface, {x, 0, x + 8, 8}, {}, std::move(copy)});
    ASSERT_TRUE(sent) << sent.error().message();
  }
  /// A draw at `x` of an image of its own, cached as `id` if that is not 0.
  void draw(std::int32_t x, std::uint64_t id = 0) {
    copy(x, image_of(picture({8, 8}, PixelFormat::xrgb32, static_cast<unsigned>(x)), id));
  }
  raster::ImageRef quic(bool broken, std::uint64_t id = 0) {
    auto image = codec::encode_quic(*picture({8, 8}, PixelFormat::xrgb32, 3)).value();
    if (broken) image.data = image.data.slice(0, 30);
    return {std::make_shared<const raster::EncodedImage>(std::move(image)), {id, id != 0}};
  }
  void foreign(std::int32_t x, const spice::Image& image) {
    spice::DrawCopy m;
    m.base.box = {0, x, 8, x + 8};
    m.src = image;
    m.src_area = {0, 0, 8, 8};
    m.rop = SPICE_ROPD_OP_PUT;
    send(SPICE_MSG_DISPLAY_DRAW_COPY, wire::encode(m));
  }
  spice::Image reference(std::uint64_t id, spice::ImageType type = spice::ImageType::from_cache) {
    spice::Image image;
    image.id = id;
    image.type = type;
    image.width = image.height = 8;
    return image;
  }
  void send(std::uint16_t type, Bytes body) {
    server->link()->send(type, {SharedBytes(std::move(body))});
  }
  Events arrived() {
    pair->pump();
    return log.take();
  }
  Events ready(std::size_t which) {
    lane->ready(which);
    return log.take();
  }

  const std::shared_ptr<ManualLane> lane = std::make_shared<ManualLane>();
  OrderLog log;
  DisplayServerLog server_log;
  DisplayServer* server = nullptr;
  std::unique_ptr<Pair> pair;
};

TEST_F(DisplayOrderTest, DrawsComeInTheOrderOfTheirMessages) {
  for (const std::int32_t x : {0, 8, 16}) draw(x);
  EXPECT_EQ(arrived(), Events{});
  ASSERT_EQ(lane->images.size(), 3u);
  EXPECT_EQ(ready(2), Events{});
  EXPECT_EQ(ready(0), Events{"draw_copy 0"});
  EXPECT_EQ(ready(1), (Events{"draw_copy 8", "draw_copy 16"}));
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& src = std::get<raster::Copy>(log.draws[i]->operation).src;
    ASSERT_NE(src.bitmap(), nullptr);
    EXPECT_TRUE(same_pixels(*src.bitmap(),
                            *picture({8, 8}, PixelFormat::xrgb32, static_cast<unsigned>(i * 8))));
    EXPECT_TRUE(lane->images[i]->released);
  }
}

TEST_F(DisplayOrderTest, EveryKindOfEventKeepsItsPlace) {
  draw(0);
  server->send_surface_create({1, {64, 64}, PixelFormat::xrgb32, false});
  raster::Fill fill{raster::Color{7}};
  ASSERT_TRUE(server->send_draw({1, {3, 0, 8, 8}, {}, fill}));
  copy(16, {raster::SurfaceSource{1}, {}});
  server->send_surface_destroy(1);
  copy(24, {raster::SurfaceSource{0}, {}}, 0);
  StreamInfo stream{.id = 4, .stream_size = {8, 8}, .source_size = {8, 8}, .dest = {0, 0, 8, 8}};
  server->send_stream_create(stream);
  StreamFrame frame{.id = 4, .size = {8, 8}};
  server->send_stream_frame(frame, SharedBytes(to_bytes("abc")));
  server->send_stream_clip(4, {});
  server->send_stream_destroy(4);
  send(SPICE_MSG_DISPLAY_STREAM_DESTROY_ALL, {});
  server->send_mark();
  server->send_monitors({});
  draw(32);
  server->send_reset();
  const auto last = Events{"draw_copy 32", "destroy 0", "end all", "reset"};
  EXPECT_EQ(arrived(), Events{});
  const Events middle = {"draw_copy 0",  "create 1", "draw_fill 3", "draw_copy 16", "destroy 1",
                         "draw_copy 24", "stream 4", "frame abc",   "clip 4",       "end 4",
                         "end all",      "mark",     "monitors"};
  EXPECT_EQ(ready(0), middle);
  EXPECT_EQ(ready(1), last);
}

TEST_F(DisplayOrderTest, WhatWaitsForNothingIsPassedOnAtOnce) {
  draw(0);
  arrived();
  ready(0);
  server->send_mark();
  ASSERT_TRUE(server->send_draw({0, {0, 0, 8, 8}, {}, raster::Fill{raster::Color{7}}}));
  EXPECT_EQ(arrived(), (Events{"mark", "draw_fill 0"}));
}

TEST_F(DisplayOrderTest, ACachedImageIsFoundBeforeItIsDecoded) {
  draw(0, 77);
  copy(8, image_of(picture({8, 8}, PixelFormat::xrgb32, 0), 77));  // travels as a reference
  send(SPICE_MSG_DISPLAY_INVAL_LIST,
       wire::encode(spice::InvalList{{{SPICE_RES_TYPE_PIXMAP, std::uint64_t{1}}}}));
  copy(16, image_of(picture({8, 8}, PixelFormat::xrgb32, 0), 77));
  EXPECT_EQ(arrived(), Events{});
  ASSERT_EQ(lane->images.size(), 1u);
  const Events events = ready(0);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[1], "draw_copy 8");
  const auto bitmap = [&](std::size_t i) {
    return std::get<raster::Copy>(log.draws[i]->operation).src.bitmap();
  };
  EXPECT_NE(bitmap(0), nullptr);
  EXPECT_EQ(bitmap(1), bitmap(0));
}

TEST_F(DisplayOrderTest, AnImageThatIsDroppedIsDecodedForTheDrawsBefore) {
  spice::Image image;
  image.id = 5;
  image.flags = spice::ImageFlags::cache_me;
  image.width = image.height = image.bitmap_width = image.bitmap_height = 1;
  image.bitmap_format = SPICE_BITMAP_FMT_32BIT;
  image.stride = 4;
  image.data = wire::Blob(SharedBytes(Bytes{1, 2, 3, 0}));
  foreign(0, image);
  foreign(8, reference(5));
  send(SPICE_MSG_DISPLAY_INVAL_LIST,
       wire::encode(spice::InvalList{{{SPICE_RES_TYPE_PIXMAP, std::uint64_t{5}}}}));
  foreign(16, reference(5));
  EXPECT_EQ(arrived(), Events{});
  EXPECT_EQ(ready(0), (Events{"draw_copy 0", "draw_copy 8",
                              "display 0 draw_copy: image 0x5 is not in the cache"}));
}

TEST_F(DisplayOrderTest, ABadImageIsToldInItsPlaceAndIsNotInTheCache) {
  draw(0);
  copy(8, quic(true, 9));
  copy(16, quic(true, 9));  // by reference
  draw(24);
  EXPECT_EQ(arrived(), Events{});
  ASSERT_EQ(lane->images.size(), 3u);
  EXPECT_EQ(ready(1), Events{});
  EXPECT_EQ(ready(2), Events{});
  const Events events = ready(0);
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(events[0], "draw_copy 0");
  EXPECT_EQ(events[1].find("display 0 draw_copy: QUIC"), 0u) << events[1];
  EXPECT_NE(events[2].find("is not in the cache"), std::string::npos) << events[2];
  EXPECT_EQ(events[3], "draw_copy 24");
}

TEST_F(DisplayOrderTest, TheEndOfTheConnectionWaitsForAllThatCame) {
  draw(0);
  copy(8, quic(true));
  draw(16);
  EXPECT_EQ(arrived(), Events{});
  pair->client->closed(Error(ErrorKind::closed, "gone"));
  const Events events = log.take();
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(events[0], "draw_copy 0");
  EXPECT_EQ(events[2], "draw_copy 16");
  EXPECT_EQ(events[3], "closed");
}

TEST_F(DisplayOrderTest, AChannelThatEndsEarlyIsNotCalledAnyMore) {
  draw(0);
  EXPECT_EQ(arrived(), Events{});
  pair.reset();
  EXPECT_EQ(ready(0), Events{});
}

class BoundedOrderTest : public DisplayOrderTest {
 protected:
  BoundedOrderTest() : DisplayOrderTest(4096) {}
};

TEST_F(BoundedOrderTest, TheOwnerIsAskedToPauseWhileTooMuchWaits) {
  for (int i = 0; i < 8; ++i) draw(i * 8);
  EXPECT_EQ(arrived(), Events{"behind"});
  Events all;
  for (std::size_t i = 0; i < 8; ++i) {
    for (std::string& event : ready(i)) all.push_back(std::move(event));
  }
  EXPECT_EQ(std::count(all.begin(), all.end(), "caught up"), 1);
  EXPECT_EQ(all.size(), 9u);
  EXPECT_NE(all.back(), "caught up") << "at half of the bound, not at its end";
}

}  // namespace
}  // namespace cassia::channels
