// SPDX-License-Identifier: Apache-2.0
// Display messages cut off at every byte and with every byte damaged: problems, never more.

#include <spice/enums.h>

#include "protocol/spice/display_messages.h"
#include "protocol/spice/draw.h"
#include "render/codec/encode.h"
#include "tests/unit/channels/display_harness.h"

namespace cassia::channels {
namespace {

using Sample = std::pair<std::uint16_t, Bytes>;

spice::Image bitmap_image() {
  spice::Image image;
  image.id = 4;
  image.flags = spice::ImageFlags::cache_me;
  image.width = image.height = image.bitmap_width = image.bitmap_height = 2;
  image.bitmap_format = SPICE_BITMAP_FMT_8BIT;
  image.bitmap_flags = spice::BitmapFlags::palette_cache_me;
  image.stride = 4;
  image.palette = spice::Palette{9, {1, 2, 3}};
  image.data = wire::Blob(SharedBytes(Bytes(8, 1)));
  return image;
}

spice::QMask a_mask() {
  spice::QMask mask;
  mask.bitmap = bitmap_image();
  mask.bitmap->id = 5;
  mask.bitmap->palette.reset();
  mask.bitmap->bitmap_flags = 0;
  mask.bitmap->bitmap_format = SPICE_BITMAP_FMT_1BIT_BE;
  return mask;
}

spice::DrawBase a_base() {
  spice::DrawBase base;
  base.box = {0, 0, 8, 8};
  base.clip = {SPICE_CLIP_TYPE_RECTS, {{0, 0, 4, 4}, {4, 4, 8, 8}}};
  return base;
}

spice::Brush a_pattern() {
  spice::Brush brush;
  brush.type = SPICE_BRUSH_TYPE_PATTERN;
  brush.pattern = bitmap_image();
  return brush;
}

std::vector<Sample> samples() {
  std::vector<Sample> all;
  const auto add = [&](std::uint16_t type, const auto& message) {
    all.emplace_back(type, wire::encode(message));
  };
  const spice::Rect area = {0, 0, 2, 2};
  add(SPICE_MSG_DISPLAY_COPY_BITS, spice::CopyBits{a_base(), {1, 1}});
  add(SPICE_MSG_DISPLAY_DRAW_FILL, spice::DrawFill{a_base(), a_pattern(), 8, a_mask()});
  add(SPICE_MSG_DISPLAY_DRAW_OPAQUE,
      spice::DrawOpaque{a_base(), bitmap_image(), area, a_pattern(), 8, 0, a_mask()});
  add(SPICE_MSG_DISPLAY_DRAW_COPY, spice::DrawCopy{a_base(), bitmap_image(), area, 8, 0, a_mask()});
  add(SPICE_MSG_DISPLAY_DRAW_INVERS, spice::DrawMasked{a_base(), a_mask()});
  add(SPICE_MSG_DISPLAY_DRAW_ROP3,
      spice::DrawRop3{a_base(), bitmap_image(), area, a_pattern(), 0xca, 0, a_mask()});
  add(SPICE_MSG_DISPLAY_DRAW_TRANSPARENT,
      spice::DrawTransparent{a_base(), bitmap_image(), area, 1, 2});
  add(SPICE_MSG_DISPLAY_DRAW_ALPHA_BLEND,
      spice::DrawAlphaBlend{a_base(), 0, 200, bitmap_image(), area});
  add(SPICE_MSG_DISPLAY_DRAW_STROKE, spice::DrawStroke{a_base(),
                                                       {{1, {{0, 0}, {16, 16}}}},
                                                       spice::DrawStroke::styled,
                                                       {16, 32},
                                                       a_pattern(),
                                                       8,
                                                       8});
  add(SPICE_MSG_DISPLAY_DRAW_TEXT,
      spice::DrawText{a_base(),
                      1,
                      {{{0, 0}, {0, 0}, 9, 2, wire::Blob(SharedBytes(Bytes(4, 7)))}},
                      area,
                      a_pattern(),
                      a_pattern(),
                      8,
                      8});
  spice::DrawComposite composite{
      a_base(), spice::DrawComposite::has_mask | spice::DrawComposite::has_src_transform,
      bitmap_image(), bitmap_image()};
  add(SPICE_MSG_DISPLAY_DRAW_COMPOSITE, composite);
  add(SPICE_MSG_DISPLAY_SURFACE_CREATE, spice::SurfaceCreate{1, 8, 8, 32, 0});
  add(SPICE_MSG_DISPLAY_SURFACE_DESTROY, spice::SurfaceDestroy{1});
  add(SPICE_MSG_DISPLAY_MODE, spice::DisplayMode{64, 64, 32});
  add(SPICE_MSG_DISPLAY_MONITORS_CONFIG, spice::MonitorsConfig{2, {{0, 0, 8, 8, 0, 0, 0}}});
  add(SPICE_MSG_DISPLAY_INVAL_LIST, spice::InvalList{{{1, 4}, {1, 5}}});
  add(SPICE_MSG_DISPLAY_INVAL_PALETTE, spice::InvalPalette{9});
  spice::StreamCreate stream;
  stream.codec = 1;
  stream.stream_width = stream.stream_height = stream.source_width = stream.source_height = 8;
  stream.dest = {0, 0, 8, 8};
  stream.clip = a_base().clip;
  add(SPICE_MSG_DISPLAY_STREAM_CREATE, stream);
  add(SPICE_MSG_DISPLAY_STREAM_DATA, spice::StreamData{0, 1, wire::Blob(SharedBytes(Bytes(3)))});
  add(SPICE_MSG_DISPLAY_STREAM_DATA_SIZED,
      spice::StreamDataSized{0, 1, 8, 8, {0, 0, 8, 8}, wire::Blob(SharedBytes(Bytes(3)))});
  add(SPICE_MSG_DISPLAY_STREAM_CLIP, spice::StreamClip{0, a_base().clip});
  add(SPICE_MSG_DISPLAY_STREAM_DESTROY, spice::StreamDestroy{0});
  return all;
}

struct Victim {
  DisplayPair pair{DisplayClientOptions{}, 4096};
  Victim() {
    pair.make_surface();
    pair.server->send_surface_create({1, {8, 8}, raster::PixelFormat::argb32, false});
    StreamInfo stream;
    stream.stream_size = stream.source_size = {8, 8};
    stream.dest = {0, 0, 8, 8};
    pair.server->send_stream_create(stream);
    pair.pair->pump();
  }
  void say(std::uint16_t type, ByteView body) {
    // A buffer of exactly that size: a sanitizer sees any read beyond it.
    const Bytes copy = to_bytes(body);
    ASSERT_TRUE(pair.client->on_message(type, copy, {}).has_value());
  }
  std::size_t problems() const { return pair.client_log.problems.size(); }
};

TEST(DisplayHostileTest, SamplesAreFineAsTheyAre) {
  for (const auto& [type, body] : samples()) {
    Victim victim;
    victim.say(type, body);
    EXPECT_EQ(victim.problems(), 0u) << type << ": " << victim.pair.client_log.problems.back();
  }
}

TEST(DisplayHostileTest, EveryTruncationIsAProblem) {
  for (const auto& [type, body] : samples()) {
    for (std::size_t size = 0; size < body.size(); ++size) {
      Victim victim;
      victim.say(type, ByteView(body).first(size));
      EXPECT_EQ(victim.problems(), 1u) << type << " cut to " << size << " of " << body.size();
      EXPECT_TRUE(victim.pair.client_log.draws.empty());
      if (victim.problems() != 1) return;
    }
  }
}

TEST(DisplayHostileTest, EveryDamagedByteIsSurvived) {
  Victim victim;
  for (const auto& [type, body] : samples()) {
    for (std::size_t i = 0; i < body.size(); ++i) {
      for (const std::uint8_t value : {0x00, 0x7f, 0x80, 0xff}) {
        Bytes damaged = body;
        damaged[i] = value;
        victim.say(type, damaged);
      }
    }
  }
  // And it still works.
  const std::size_t before = victim.pair.client_log.draws.size();
  victim.pair.make_surface();
  victim.pair.pair->pump();
  raster::DrawOp op;
  op.box = {0, 0, 8, 8};
  op.operation = raster::Fill{raster::Color{1}};
  ASSERT_TRUE(victim.pair.server->send_draw(op).has_value());
  victim.pair.pair->pump();
  EXPECT_EQ(victim.pair.client_log.draws.size(), before + 1);
}

TEST(DisplayHostileTest, SizesThatNoMemoryHolds) {
  Victim victim;
  victim.say(SPICE_MSG_DISPLAY_SURFACE_CREATE,
             wire::encode(spice::SurfaceCreate{2, 0xffffffff, 0xffffffff, 32, 0}));
  victim.say(SPICE_MSG_DISPLAY_SURFACE_CREATE,
             wire::encode(spice::SurfaceCreate{2, 16384, 16384, 32, 0}));
  victim.say(SPICE_MSG_DISPLAY_SURFACE_CREATE, wire::encode(spice::SurfaceCreate{2, 8, 8, 99, 0}));
  victim.say(SPICE_MSG_DISPLAY_SURFACE_CREATE, wire::encode(spice::SurfaceCreate{2, 0, 8, 32, 0}));
  spice::StreamCreate stream;
  stream.codec = 1;
  stream.id = 64;
  victim.say(SPICE_MSG_DISPLAY_STREAM_CREATE, wire::encode(stream));
  victim.say(SPICE_MSG_DISPLAY_STREAM_DESTROY, wire::encode(spice::StreamDestroy{0xffffffff}));
  EXPECT_GE(victim.problems(), 5u);
}

TEST(DisplayHostileTest, ServerRefusesWhatClientsMustNotSend) {
  Victim victim;
  DisplayServer& server = *victim.pair.server;
  EXPECT_FALSE(server.on_message(SPICE_MSGC_DISPLAY_INIT, Bytes(13), {}).has_value());
  EXPECT_FALSE(server.on_message(SPICE_MSGC_DISPLAY_INIT, Bytes(14), {}).has_value());  // again
  EXPECT_FALSE(server.on_message(SPICE_MSGC_DISPLAY_STREAM_REPORT, Bytes(31), {}).has_value());
  EXPECT_FALSE(server.on_message(SPICE_MSGC_DISPLAY_PREFERRED_COMPRESSION, {}, {}).has_value());
  EXPECT_TRUE(
      server.on_message(SPICE_MSGC_DISPLAY_PREFERRED_COMPRESSION, Bytes{200}, {}).has_value());
  EXPECT_FALSE(victim.pair.server_log.preferred);
  EXPECT_FALSE(server.on_message(999, {}, {}).has_value());
}

TEST(DisplayHostileTest, SurfacesHaveABoundInAll) {
  DisplayPair pair;
  // 256 MiB each: what one may have.
  for (raster::SurfaceId id = 0; id < 20; ++id) {
    pair.server->send_surface_create({id, {8192, 8192}, raster::PixelFormat::xrgb32, id == 0});
  }
  pair.pair->pump();
  EXPECT_EQ(pair.client_log.problems.size(), 12u);
  EXPECT_FALSE(pair.pair->client_error);
}

}  // namespace
}  // namespace cassia::channels
