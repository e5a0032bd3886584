// SPDX-License-Identifier: Apache-2.0
// The image cache, as the server counts it and as the client keeps it.

#include <spice/enums.h>

#include "protocol/spice/display_messages.h"
#include "protocol/spice/draw.h"
#include "tests/unit/channels/display_harness.h"

namespace cassia::channels {
namespace {

using raster::PixelFormat;

raster::DrawOp copy_of(const raster::BitmapPtr& bitmap, std::uint64_t id) {
  raster::DrawOp op;
  op.box = {0, 0, 32, 32};
  op.operation = raster::Copy{image_of(bitmap, id), {0, 0, 32, 32}};
  return op;
}

const raster::ImageRef& source_of(const raster::DrawOpPtr& op) {
  return std::get<raster::Copy>(op->operation).src;
}

TEST(DisplayCacheTest, AnImageTravelsOnce) {
  DisplayPair pair;
  pair.make_surface();
  const auto bitmap = picture({32, 32}, PixelFormat::xrgb32);
  const auto first = pair.carry(copy_of(bitmap, 0xabcdef));
  const std::uint64_t before = pair.pair->server->stats().bytes_sent;
  const auto second = pair.carry(copy_of(bitmap, 0xabcdef));
  EXPECT_LT(pair.pair->server->stats().bytes_sent - before, 200u);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(source_of(first).bitmap(), source_of(second).bitmap());
  EXPECT_TRUE(source_of(second).identity.cache_me);
  EXPECT_EQ(source_of(first).identity.id, source_of(second).identity.id);
}

TEST(DisplayCacheTest, ManyImagesInASmallCacheAreAlwaysRight) {
  DisplayClientOptions options;
  options.pixmap_cache_bytes = 10 * 32 * 32 * 4;
  DisplayPair pair(options, 4096);
  pair.make_surface();
  std::vector<raster::BitmapPtr> pictures;
  for (unsigned i = 0; i < 25; ++i) {
    pictures.push_back(picture({32, 32}, PixelFormat::xrgb32, i * 3));
  }
  std::uint32_t random = 12345;
  for (int i = 0; i < 500; ++i) {
    random = random * 1664525u + 1013904223u;
    const std::size_t which = (random >> 16) % pictures.size();
    const auto got = pair.carry(copy_of(pictures[which], 1000 + which));
    ASSERT_TRUE(got);
    ASSERT_TRUE(source_of(got).bitmap());
    EXPECT_TRUE(raster::same_pixels(*source_of(got).bitmap(), *pictures[which]));
  }
}

TEST(DisplayCacheTest, OneDrawWithTheSameImageTwice) {
  DisplayPair pair;
  pair.make_surface();
  const auto bitmap = picture({32, 32}, PixelFormat::xrgb32);
  raster::DrawOp op;
  op.box = {0, 0, 32, 32};
  raster::Opaque opaque;
  opaque.src = image_of(bitmap, 5);
  opaque.src_area = {0, 0, 32, 32};
  opaque.brush = raster::Pattern{image_of(bitmap, 5), {0, 0}};
  op.operation = opaque;
  for (int i = 0; i < 2; ++i) {
    const auto got = pair.carry(op);
    ASSERT_TRUE(got);
    const auto& arrived = std::get<raster::Opaque>(got->operation);
    EXPECT_TRUE(raster::same_pixels(*arrived.src.bitmap(), *bitmap));
    EXPECT_TRUE(
        raster::same_pixels(*std::get<raster::Pattern>(arrived.brush).image.bitmap(), *bitmap));
  }
}

TEST(DisplayCacheTest, AClientWithoutACacheGetsEveryImageWhole) {
  DisplayClientOptions options;
  options.pixmap_cache_bytes = 0;
  DisplayPair pair(options, 4096);
  pair.make_surface();
  const auto bitmap = picture({32, 32}, PixelFormat::xrgb32);
  for (int i = 0; i < 3; ++i) {
    const auto got = pair.carry(copy_of(bitmap, 9));
    ASSERT_TRUE(got);
    EXPECT_TRUE(raster::same_pixels(*source_of(got).bitmap(), *bitmap));
    EXPECT_FALSE(source_of(got).identity.cache_me);
  }
}

/// Messages of a server that is not ours, straight into the client.
class ForeignServerTest : public testing::Test {
 protected:
  ForeignServerTest() { pair_.make_surface(), pair_.pair->pump(); }

  spice::Image lossless(std::uint64_t id) {
    spice::Image image;
    image.id = id;
    image.flags = spice::ImageFlags::cache_me;
    image.width = image.height = image.bitmap_width = image.bitmap_height = 1;
    image.bitmap_format = SPICE_BITMAP_FMT_32BIT;
    image.stride = 4;
    image.data = wire::Blob(SharedBytes(Bytes{1, 2, 3, 0}));
    return image;
  }
  spice::Image reference(std::uint64_t id, spice::ImageType type = spice::ImageType::from_cache) {
    spice::Image image;
    image.id = id;
    image.type = type;
    image.width = image.height = 1;
    return image;
  }
  void draw(const spice::Image& image) {
    spice::DrawCopy m;
    m.base.box = {0, 0, 1, 1};
    m.src = image;
    m.src_area = {0, 0, 1, 1};
    m.rop = SPICE_ROPD_OP_PUT;
    say(SPICE_MSG_DISPLAY_DRAW_COPY, wire::encode(m));
  }
  void say(std::uint16_t type, const Bytes& body) {
    EXPECT_TRUE(pair_.client->on_message(type, body, {}).has_value());
  }
  std::size_t problems() const { return pair_.client_log.problems.size(); }
  std::size_t draws() const { return pair_.client_log.draws.size(); }

  DisplayPair pair_;
};

TEST_F(ForeignServerTest, InvalidationsAreObeyed) {
  draw(lossless(1));
  draw(lossless(2));
  draw(reference(1));
  EXPECT_EQ(draws(), 3u);
  say(SPICE_MSG_DISPLAY_INVAL_LIST,
      wire::encode(spice::InvalList{{{SPICE_RES_TYPE_PIXMAP, 1}, {SPICE_RES_TYPE_PIXMAP, 77}}}));
  draw(reference(1));
  EXPECT_EQ(problems(), 1u);
  EXPECT_NE(pair_.client_log.problems[0].find("not in the cache"), std::string::npos);
  draw(reference(2, spice::ImageType::from_cache_lossless));
  EXPECT_EQ(draws(), 4u);
  say(SPICE_MSG_DISPLAY_INVAL_ALL_PIXMAPS, Bytes{0});
  draw(reference(2));
  EXPECT_EQ(problems(), 2u);
}

TEST_F(ForeignServerTest, ImagesOfBadDrawsAreCachedAllTheSame) {
  spice::DrawCopy m;
  m.base.surface = 40;  // does not exist
  m.base.box = {0, 0, 1, 1};
  m.src = lossless(3);
  m.src_area = {0, 0, 1, 1};
  say(SPICE_MSG_DISPLAY_DRAW_COPY, wire::encode(m));
  EXPECT_EQ(problems(), 1u);
  EXPECT_NE(pair_.client_log.problems[0].find("surface 40 does not exist"), std::string::npos);
  draw(reference(3));
  EXPECT_EQ(draws(), 1u);
}

TEST_F(ForeignServerTest, PalettesAreCachedAndDropped) {
  spice::Image image = lossless(0);
  image.flags = 0;
  image.bitmap_format = SPICE_BITMAP_FMT_8BIT;
  image.data = wire::Blob(SharedBytes(Bytes{1, 0, 0, 0}));
  image.palette = spice::Palette{55, {0x10, 0x20}};
  image.bitmap_flags = spice::BitmapFlags::palette_cache_me | spice::BitmapFlags::top_down;
  draw(image);
  image.palette.reset();
  image.palette_id = 55;
  image.bitmap_flags = spice::BitmapFlags::palette_from_cache | spice::BitmapFlags::top_down;
  draw(image);
  ASSERT_EQ(draws(), 2u);
  EXPECT_EQ(source_of(pair_.client_log.draws[1]).bitmap()->row32(0)[0] & 0xffffff, 0x20u);
  say(SPICE_MSG_DISPLAY_INVAL_PALETTE, wire::encode(spice::InvalPalette{55}));
  draw(image);
  EXPECT_EQ(draws(), 2u);
  EXPECT_EQ(problems(), 1u);
  image.bitmap_flags = 0;  // none at all
  draw(image);
  EXPECT_EQ(problems(), 2u);
}

TEST_F(ForeignServerTest, AnOverfilledCacheIsAProblemNotAFlood) {
  DisplayClientOptions options;
  options.pixmap_cache_bytes = 100;
  DisplayPair small(options);
  small.make_surface();
  small.pair->pump();
  for (std::uint64_t id = 1; id <= 1000; ++id) {
    spice::DrawCopy m;
    m.base.box = {0, 0, 1, 1};
    m.src = lossless(id);
    m.src_area = {0, 0, 1, 1};
    ASSERT_TRUE(
        small.client->on_message(SPICE_MSG_DISPLAY_DRAW_COPY, wire::encode(m), {}).has_value());
  }
  EXPECT_EQ(small.client_log.draws.size(), 50u);
  EXPECT_EQ(small.client_log.problems.size(), 950u);
}

}  // namespace
}  // namespace cassia::channels
