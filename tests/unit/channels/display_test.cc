// SPDX-License-Identifier: Apache-2.0
// Every operation and every other display message, from the server role to the client role.

#include <spice/enums.h>

#include "channels/display/display_client.h"
#include "protocol/spice/draw.h"
#include "render/codec/encode.h"
#include "tests/unit/channels/display_harness.h"

namespace cassia::channels {
namespace {

using raster::PixelFormat;
using raster::Rop;

class DisplayTest : public testing::Test {
 protected:
  DisplayTest() { pair_.make_surface(); }

  raster::DrawOp op(raster::Operation operation) {
    raster::DrawOp draw;
    draw.box = {1, 2, 33, 34};
    draw.clip.rects = std::vector<raster::Rect>{{1, 2, 5, 6}, {7, 8, 9, 10}};
    draw.operation = std::move(operation);
    return draw;
  }
  /// Carries the operation over and returns it as it arrived.
  template <class Op>
  Op carried(const Op& operation) {
    const raster::DrawOpPtr got = pair_.carry(op(operation));
    EXPECT_TRUE(got);
    if (!got || !std::holds_alternative<Op>(got->operation)) {
      ADD_FAILURE() << "another operation arrived";
      return {};
    }
    EXPECT_EQ(got->box, (raster::Rect{1, 2, 33, 34}));
    EXPECT_EQ(got->clip.rects->size(), 2u);
    EXPECT_EQ(got->clip.rects->at(1), (raster::Rect{7, 8, 9, 10}));
    return std::get<Op>(got->operation);
  }
  static void expect_same(const raster::ImageRef& got, const raster::BitmapPtr& want) {
    ASSERT_TRUE(got.bitmap());
    EXPECT_TRUE(raster::same_pixels(*got.bitmap(), *want));
  }
  raster::Mask mask() { return {image_of(picture({32, 32}, PixelFormat::a1, 5)), {3, 4}, true}; }
  void expect_mask(const raster::Mask& got) {
    ASSERT_TRUE(got.image.bitmap());
    EXPECT_EQ(got.image.bitmap()->format(), PixelFormat::a1);
    EXPECT_TRUE(raster::same_pixels(*got.image.bitmap(), *mask().image.bitmap()));
    EXPECT_EQ(got.origin, (raster::Point{3, 4}));
    EXPECT_TRUE(got.inverse);
  }

  DisplayPair pair_;
  raster::BitmapPtr photo_ = picture({32, 32}, PixelFormat::xrgb32);
};

TEST_F(DisplayTest, Fill) {
  for (const Rop rop : {Rop::copy, Rop::exclusive_or, Rop::clear, Rop::and_reverse}) {
    const auto got = carried(raster::Fill{raster::Color{0x123456}, rop, mask()});
    EXPECT_EQ(std::get<raster::Color>(got.brush), 0x123456u);
    EXPECT_EQ(got.rop, rop);
    expect_mask(got.mask);
  }
  const auto got = carried(raster::Fill{raster::Pattern{image_of(photo_), {-5, 6}}, Rop::or_, {}});
  const auto& pattern = std::get<raster::Pattern>(got.brush);
  expect_same(pattern.image, photo_);
  EXPECT_EQ(pattern.origin, (raster::Point{-5, 6}));
  EXPECT_TRUE(got.mask.image.none());
}

TEST_F(DisplayTest, CopyAndBlend) {
  raster::Copy copy{
      image_of(photo_), {0, 1, 32, 31}, Rop::nand, raster::ScaleMode::nearest, mask()};
  const auto got = carried(copy);
  expect_same(got.src, photo_);
  EXPECT_EQ(got.src_area, copy.src_area);
  EXPECT_EQ(got.rop, Rop::nand);
  EXPECT_EQ(got.scale, raster::ScaleMode::nearest);
  expect_mask(got.mask);
  const auto blend = carried(raster::Blend{copy.src, copy.src_area, Rop::equiv, copy.scale, {}});
  expect_same(blend.src, photo_);
  EXPECT_EQ(blend.rop, Rop::equiv);
}

TEST_F(DisplayTest, Opaque) {
  const raster::Opaque opaque{image_of(photo_),
                              {0, 0, 32, 32},
                              raster::Color{7},
                              Rop::or_reverse,
                              raster::ScaleMode::interpolate,
                              mask()};
  const auto got = carried(opaque);
  expect_same(got.src, photo_);
  EXPECT_EQ(got.rop, Rop::or_reverse);
  EXPECT_EQ(std::get<raster::Color>(got.brush), 7u);
  expect_mask(got.mask);
}

TEST_F(DisplayTest, OpsThatChangeNothingAreNotSentOrBecomeWhatTheyAre) {
  EXPECT_FALSE(pair_.carry(op(raster::Fill{raster::Color{1}, Rop::noop, {}})));
  EXPECT_FALSE(pair_.carry(op(raster::Copy{image_of(photo_), {0, 0, 32, 32}, Rop::noop})));
  const auto got = pair_.carry(
      op(raster::Opaque{image_of(photo_), {0, 0, 32, 32}, raster::Color{7}, Rop::noop}));
  ASSERT_TRUE(got);
  EXPECT_EQ(std::get<raster::Copy>(got->operation).rop, Rop::copy);
}

TEST_F(DisplayTest, CopyBitsAndTheMaskedOnes) {
  EXPECT_EQ(carried(raster::CopyBits{{-4, 50}}).src, (raster::Point{-4, 50}));
  expect_mask(carried(raster::Blackness{mask()}).mask);
  expect_mask(carried(raster::Whiteness{mask()}).mask);
  expect_mask(carried(raster::Invers{mask()}).mask);
}

TEST_F(DisplayTest, Rop3TransparentAndAlphaBlend) {
  const auto rop3 = carried(raster::Rop3{
      image_of(photo_), {0, 0, 9, 9}, raster::Color{3}, 0xca, raster::ScaleMode::nearest, mask()});
  EXPECT_EQ(rop3.rop3, 0xca);
  expect_same(rop3.src, photo_);
  expect_mask(rop3.mask);

  const auto transparent =
      carried(raster::Transparent{image_of(photo_), {0, 0, 9, 9}, 0xff00ff, 0xfe00fe});
  EXPECT_EQ(transparent.key, 0xff00ffu);
  EXPECT_EQ(transparent.true_key, 0xfe00feu);

  const auto argb = picture({32, 32}, PixelFormat::argb32);
  const auto blend = carried(raster::AlphaBlend{image_of(argb), {0, 0, 32, 32}, 128, true, true});
  EXPECT_EQ(blend.alpha, 128);
  EXPECT_TRUE(blend.src_surface_has_alpha);
  EXPECT_TRUE(blend.dest_has_alpha);
  expect_same(blend.src, argb);
}

TEST_F(DisplayTest, Stroke) {
  raster::Stroke stroke;
  stroke.path = {{1, {{16, 32}, {48, -64}}}, {6, {{0, 0}}}};
  stroke.dashes = {16, 32, 48};
  stroke.dash_starts_with_gap = true;
  stroke.brush = raster::Color{0xff};
  stroke.fore_rop = Rop::invert;
  const auto got = carried(stroke);
  ASSERT_EQ(got.path.size(), 2u);
  EXPECT_EQ(got.path[0].points[1].y, -64);
  EXPECT_EQ(got.path[1].flags, 6);
  EXPECT_EQ(got.dashes, stroke.dashes);
  EXPECT_TRUE(got.dash_starts_with_gap);
  EXPECT_EQ(got.fore_rop, Rop::invert);
  stroke.dashes.clear();
  EXPECT_TRUE(carried(stroke).dashes.empty());
}

TEST_F(DisplayTest, TextOfEveryDepthKeepsItsRowOrder) {
  for (const unsigned depth : {1u, 4u, 8u}) {
    raster::Text text;
    text.depth = static_cast<std::uint8_t>(depth);
    const std::size_t row = (5 * depth + 7) / 8;
    Bytes bits(row * 3);
    for (std::size_t i = 0; i < bits.size(); ++i) bits[i] = static_cast<std::uint8_t>(i + 1);
    text.glyphs = {{{10, 20}, {-1, -9}, {5, 3}, bits}, {{16, 20}, {0, 0}, {0, 0}, {}}};
    text.back_area = {1, 2, 3, 4};
    text.fore_brush = raster::Color{0xffffff};
    text.back_brush = raster::Color{1};
    text.back_rop = Rop::exclusive_or;
    const auto got = carried(text);
    EXPECT_EQ(got.depth, depth);
    ASSERT_EQ(got.glyphs.size(), 2u);
    EXPECT_EQ(got.glyphs[0].bits, bits);
    EXPECT_EQ(got.glyphs[0].origin, (raster::Point{-1, -9}));
    EXPECT_EQ(got.glyphs[0].size, (raster::Size{5, 3}));
    EXPECT_EQ(got.back_area, (raster::Rect{1, 2, 3, 4}));
    EXPECT_EQ(got.back_rop, Rop::exclusive_or);
  }
}

TEST_F(DisplayTest, Composite) {
  raster::Composite composite;
  composite.flags = 3 | (1u << 18);
  composite.src = image_of(picture({32, 32}, PixelFormat::argb32));
  composite.mask = image_of(picture({16, 16}, PixelFormat::a8));
  composite.mask_transform = raster::Transform{{{1, 2, 3}, {4, 5, -6}}};
  composite.src_origin = {-7, 8};
  const auto got = carried(composite);
  EXPECT_EQ(got.flags & 0xffu, 3u);
  expect_same(got.src, std::get<raster::BitmapPtr>(composite.src.source));
  expect_same(got.mask, std::get<raster::BitmapPtr>(composite.mask.source));
  EXPECT_FALSE(got.src_transform);
  ASSERT_TRUE(got.mask_transform);
  EXPECT_EQ(got.mask_transform->m[1][2], -6);
  EXPECT_EQ(got.src_origin, (raster::Point{-7, 8}));
}

TEST_F(DisplayTest, EveryCodecThatStandsAloneArrives) {
  const auto check = [&](const Result<raster::EncodedImage>& made, const raster::BitmapPtr& want,
                         bool exact) {
    ASSERT_TRUE(made.has_value()) << made.error().message();
    EXPECT_TRUE(pair_.server->can_decode(made->codec));
    raster::ImageRef ref{std::make_shared<const raster::EncodedImage>(*made), {}};
    const auto got = carried(raster::Copy{ref, raster::Rect::of(want->size())});
    ASSERT_TRUE(got.src.bitmap());
    EXPECT_EQ(got.src.bitmap()->size(), want->size());
    if (exact) expect_same(got.src, want);
  };
  const auto argb = picture({32, 32}, PixelFormat::argb32);
  for (const auto& bitmap : {photo_, argb}) {
    check(codec::encode_raw(*bitmap), bitmap, true);
    check(codec::encode_lz(*bitmap), bitmap, true);
    check(codec::encode_lz4(*bitmap), bitmap, true);
    check(codec::encode_quic(*bitmap), bitmap, true);
    check(codec::encode_jpeg(*bitmap, 90), bitmap, false);
  }
  EXPECT_FALSE(pair_.server->can_decode(raster::ImageCodec::glz_rgb));
}

TEST_F(DisplayTest, PalettisedBitmapsCarryTheirPalette) {
  raster::EncodedImage image;
  image.codec = raster::ImageCodec::bitmap;
  image.size = {2, 2};
  image.bitmap_format = raster::WireBitmapFormat::bit8;
  image.stride = 4;
  image.data = SharedBytes(Bytes{0, 1, 0, 0, 1, 0, 0, 0});
  auto palette = std::make_shared<raster::Palette>();
  palette->colors = {0x111111, 0x222222};
  image.palette = palette;
  raster::ImageRef ref{std::make_shared<const raster::EncodedImage>(image), {}};
  const auto got = carried(raster::Copy{ref, {0, 0, 2, 2}});
  ASSERT_TRUE(got.src.bitmap());
  EXPECT_EQ(got.src.bitmap()->row32(0)[1] & 0xffffff, 0x222222u);
  EXPECT_EQ(got.src.bitmap()->row32(1)[0] & 0xffffff, 0x222222u);
}

TEST_F(DisplayTest, ImagesStayCompressedWhereTheClientWantsThemSo) {
  DisplayClientOptions options;
  options.decode = false;
  DisplayPair pair(options);
  pair.make_surface();
  const auto made = codec::encode_lz(*photo_);
  ASSERT_TRUE(made.has_value());
  raster::ImageRef ref{std::make_shared<const raster::EncodedImage>(*made), {99, true}};
  const auto got = pair.carry(op(raster::Copy{ref, {0, 0, 32, 32}}));
  ASSERT_TRUE(got);
  const auto* encoded = std::get<raster::Copy>(got->operation).src.encoded();
  ASSERT_TRUE(encoded);
  EXPECT_EQ(encoded->codec, made->codec);
  EXPECT_EQ(to_bytes(encoded->data.view()), to_bytes(made->data.view()));
  // A reference to the cache gives the same bytes.
  const auto again = pair.carry(op(raster::Copy{ref, {0, 0, 32, 32}}));
  ASSERT_TRUE(again);
  EXPECT_EQ(std::get<raster::Copy>(again->operation).src.encoded(), encoded);
}

TEST_F(DisplayTest, SurfacesAreSources) {
  pair_.make_surface(PixelFormat::argb32, 5);
  const auto got = carried(raster::Copy{{raster::SurfaceSource{5}, {}}, {0, 0, 32, 32}});
  ASSERT_TRUE(got.src.surface());
  EXPECT_EQ(got.src.surface()->surface, 5u);
  const auto unknown =
      pair_.server->send_draw(op(raster::Copy{{raster::SurfaceSource{6}, {}}, {0, 0, 32, 32}}));
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().kind(), ErrorKind::not_found);
}

TEST_F(DisplayTest, WhatTheClientCannotDoIsAnErrorAndNothingIsSent) {
  auto glz = std::make_shared<raster::EncodedImage>();
  glz->codec = raster::ImageCodec::glz_rgb;
  glz->size = {8, 8};
  const auto sent =
      pair_.server->send_draw(op(raster::Copy{{raster::EncodedImagePtr(glz), {}}, {0, 0, 8, 8}}));
  ASSERT_FALSE(sent.has_value());
  EXPECT_EQ(sent.error().kind(), ErrorKind::unsupported);
  raster::DrawOp elsewhere = op(raster::Fill{raster::Color{1}});
  elsewhere.surface = 77;
  EXPECT_FALSE(pair_.server->send_draw(elsewhere).has_value());
  pair_.pair->pump();
  EXPECT_TRUE(pair_.client_log.draws.empty());
}

TEST_F(DisplayTest, SurfacesMonitorsAndMarks) {
  for (const PixelFormat format : {PixelFormat::a1, PixelFormat::a8, PixelFormat::rgb555,
                                   PixelFormat::rgb565, PixelFormat::argb32}) {
    pair_.make_surface(format, 3);
    pair_.pair->pump();
    EXPECT_EQ(pair_.client_log.surfaces.back().format, format);
    EXPECT_FALSE(pair_.client_log.surfaces.back().primary);
  }
  EXPECT_TRUE(pair_.client_log.surfaces.front().primary);
  pair_.server->send_surface_destroy(3);
  pair_.server->send_surface_destroy(3);  // gone already: nothing is sent
  pair_.server->send_mark();
  pair_.server->send_monitors({4, {{1, 0, {10, 20, 650, 500}, 2}}});
  pair_.pair->pump();
  EXPECT_EQ(pair_.client_log.destroyed, std::vector<raster::SurfaceId>{3});
  EXPECT_EQ(pair_.client_log.marks, 1);
  EXPECT_EQ(pair_.client_log.monitors.max_allowed, 4);
  ASSERT_EQ(pair_.client_log.monitors.heads.size(), 1u);
  EXPECT_EQ(pair_.client_log.monitors.heads[0].area, (raster::Rect{10, 20, 650, 500}));
  pair_.server->send_reset();
  pair_.pair->pump();
  EXPECT_EQ(pair_.client_log.resets, 1);
  EXPECT_TRUE(pair_.client_log.problems.empty());
}

TEST_F(DisplayTest, Streams) {
  StreamInfo info;
  info.id = 63;
  info.codec = VideoCodec::vp8;
  info.stream_size = info.source_size = {32, 16};
  info.dest = {0, 0, 32, 16};
  info.clip.rects = std::vector<raster::Rect>{{0, 0, 4, 4}};
  pair_.server->send_stream_create(info);
  StreamFrame frame;
  frame.id = 63;
  frame.multi_media_time = 99;
  frame.size = info.stream_size;
  frame.dest = info.dest;
  pair_.server->send_stream_frame(frame, SharedBytes(Bytes{1, 2}));
  frame.size = {16, 16};
  pair_.server->send_stream_frame(frame, SharedBytes(Bytes{3}));
  pair_.server->send_stream_clip(63, {});
  pair_.server->send_stream_destroy(63);
  pair_.server->send_stream_frame(frame, SharedBytes(Bytes{4}));  // of no stream: not sent
  pair_.pair->pump();
  const DisplayClientLog& log = pair_.client_log;
  ASSERT_EQ(log.streams.size(), 1u);
  EXPECT_EQ(log.streams[0].codec, VideoCodec::vp8);
  EXPECT_TRUE(log.streams[0].clip.rects);
  ASSERT_EQ(log.frames.size(), 2u);
  EXPECT_EQ(log.frames[0].size, (raster::Size{32, 16}));
  EXPECT_EQ(log.frames[1].size, (raster::Size{16, 16}));
  EXPECT_EQ(log.frame_data, (std::vector<Bytes>{{1, 2}, {3}}));
  ASSERT_EQ(log.clips.size(), 1u);
  EXPECT_FALSE(log.clips[0].rects);
  EXPECT_EQ(log.streams_destroyed, std::vector<std::uint32_t>{63});
  EXPECT_TRUE(log.problems.empty());
}

TEST(DisplayOptionsTest, InitAndPreferenceReachTheServer) {
  DisplayClientOptions options;
  options.preferred_compression = ImageCompression::lz4;
  DisplayPair pair(options);
  EXPECT_TRUE(pair.server_log.ready);
  EXPECT_TRUE(pair.server->ready());
  EXPECT_EQ(pair.server_log.preferred, ImageCompression::lz4);
  DisplayPair silent;
  EXPECT_TRUE(silent.server_log.ready);
  EXPECT_FALSE(silent.server_log.preferred);
}

// Or the first picture, the largest of all, would come in another compression.
TEST(DisplayOptionsTest, APreferenceThatComesWithTheInitIsKnownToTheFirstPicture) {
  DisplayClientOptions options;
  options.preferred_compression = ImageCompression::glz;
  DisplayPair pair(options, 1000);
  EXPECT_TRUE(pair.server_log.ready);
  EXPECT_EQ(pair.server_log.preferred_at_first, ImageCompression::glz);
}

// Our own role of a server never sets SPICE_STRING_FLAGS_RASTER_TOP_DOWN: it turns the rows.
TEST(DisplayGlyphTest, RowsComeFromTheBottomUnlessTheStringSaysOtherwise) {
  DisplayPair pair;
  pair.make_surface();
  pair.pair->pump();
  for (const bool top_down : {false, true}) {
    spice::DrawText text;
    text.base.box = {0, 0, 8, 8};
    text.string_flags = SPICE_STRING_FLAGS_RASTER_A1;
    if (top_down) text.string_flags |= SPICE_STRING_FLAGS_RASTER_TOP_DOWN;
    text.glyphs = {{{0, 0}, {0, 0}, 8, 3, wire::Blob(SharedBytes(Bytes{1, 2, 3}))}};
    ASSERT_TRUE(pair.client->on_message(SPICE_MSG_DISPLAY_DRAW_TEXT, wire::encode(text), {}));
    ASSERT_TRUE(pair.client_log.problems.empty()) << pair.client_log.problems.back();
    const auto& read = std::get<raster::Text>(pair.client_log.draws.back()->operation);
    EXPECT_EQ(read.glyphs.front().bits, top_down ? (Bytes{1, 2, 3}) : (Bytes{3, 2, 1}));
  }
}

}  // namespace
}  // namespace cassia::channels
