// SPDX-License-Identifier: Apache-2.0
// GLZ between both roles of the display channel: bitmaps arrive as they were, whatever goes wrong
// with other draws, and every session starts with a dictionary of its own.

#include <algorithm>

#include "render/codec/glz_window.h"
#include "tests/unit/channels/display_harness.h"

namespace cassia::channels {
namespace {

using raster::PixelFormat;

raster::DrawOp copy_of(raster::BitmapPtr bitmap) {
  raster::Copy copy;
  copy.src_area = raster::Rect::of(bitmap->size());
  copy.src = image_of(std::move(bitmap));
  return {0, copy.src_area, {}, std::move(copy)};
}

/// A display channel whose server role has the dictionaries of a session.
struct GlzPair {
  explicit GlzPair(std::shared_ptr<GlzDictionaries> dictionaries,
                   std::uint32_t window_pixels = 1 << 16) {
    DisplayClientOptions options;
    options.glz_window_pixels = window_pixels;
    options.glz_window = window = std::make_shared<codec::GlzWindow>(1 << 16);
    auto made = DisplayClient::create(log, std::move(options));
    pair = std::make_unique<Pair>(
        [this, dictionaries](const LinkRequest&) {
          auto made_server = DisplayServer::create(server_log, dictionaries);
          server = made_server.get();
          return made_server;
        },
        std::move(made), ClientLinkParams{{spice::ChannelType::display, 0}, 1, {}}, 64);
    pair->pump();
  }

  void expect_carried(const raster::BitmapPtr& bitmap) {
    const std::size_t before = log.draws.size();
    ASSERT_TRUE(server->send_draw(copy_of(bitmap)));
    pair->pump();
    ASSERT_TRUE(log.problems.empty()) << log.problems.back();
    ASSERT_EQ(log.draws.size(), before + 1);
    const auto& copy = std::get<raster::Copy>(log.draws.back()->operation);
    ASSERT_NE(copy.src.bitmap(), nullptr);
    EXPECT_TRUE(same_pixels(*copy.src.bitmap(), *bitmap));
  }

  DisplayClientLog log;
  DisplayServerLog server_log;
  std::shared_ptr<codec::GlzWindow> window;
  DisplayServer* server = nullptr;
  std::unique_ptr<Pair> pair;
};

TEST(DisplayGlz, BitmapsGoThroughTheDictionary) {
  for (const codec::GlzDeflate deflate :
       {codec::GlzDeflate::never, codec::GlzDeflate::when_smaller}) {
    GlzPair display(std::make_shared<GlzDictionaries>());
    ASSERT_TRUE(display.server->takes_glz());
    display.server->use_glz({true, deflate});
    display.server->send_surface_create({0, {64, 64}, PixelFormat::xrgb32, true});
    for (unsigned i = 0; i < 4; ++i) {
      display.expect_carried(picture({64, 64}, PixelFormat::xrgb32, i / 2));
      EXPECT_EQ(display.window->image_count(), i + 1);
    }
    display.expect_carried(picture({64, 32}, PixelFormat::argb32));
    EXPECT_EQ(display.window->image_count(), 5u);
    display.expect_carried(picture({4, 4}, PixelFormat::xrgb32));  // too small to be worth it
    EXPECT_EQ(display.window->image_count(), 5u);
  }
}

TEST(DisplayGlz, WhatCannotBeSentTakesNoNumber) {
  GlzPair display(std::make_shared<GlzDictionaries>());
  display.server->use_glz({true, codec::GlzDeflate::never});
  display.server->send_surface_create({0, {64, 64}, PixelFormat::xrgb32, true});
  raster::DrawOp masked = copy_of(picture({64, 64}, PixelFormat::xrgb32));
  std::get<raster::Copy>(masked.operation).mask.image.source = raster::SurfaceSource{77};
  EXPECT_FALSE(display.server->send_draw(masked));
  display.expect_carried(picture({64, 64}, PixelFormat::xrgb32));
  EXPECT_EQ(display.window->first_missing(), 1u);
}

TEST(DisplayGlz, ImagesLargerThanTheWindowStandAlone) {
  GlzPair display(std::make_shared<GlzDictionaries>(1000));
  display.server->use_glz({true, codec::GlzDeflate::never});
  display.server->send_surface_create({0, {64, 64}, PixelFormat::xrgb32, true});
  display.expect_carried(picture({64, 64}, PixelFormat::xrgb32));
  EXPECT_EQ(display.window->image_count(), 0u);
  display.expect_carried(picture({20, 20}, PixelFormat::xrgb32));
  EXPECT_EQ(display.window->image_count(), 1u);
}

TEST(DisplayGlz, AClientWithoutAWindowIsSentNone) {
  GlzPair display(std::make_shared<GlzDictionaries>(), 0);
  EXPECT_FALSE(display.server->takes_glz());
  display.server->use_glz({true, codec::GlzDeflate::never});
  display.server->send_surface_create({0, {64, 64}, PixelFormat::xrgb32, true});
  display.expect_carried(picture({64, 64}, PixelFormat::xrgb32));
  EXPECT_EQ(display.window->image_count(), 0u);
}

TEST(GlzDictionaries, ChannelsShareOneAndLaterOnesStartAnew) {
  GlzDictionaries dictionaries;
  auto first = dictionaries.open(1, 1000).value();
  EXPECT_EQ(first, dictionaries.open(1, 1000).value());
  EXPECT_NE(first, dictionaries.open(2, 1000).value());
  EXPECT_NE(first, GlzDictionaries().open(1, 1000).value());
  codec::GlzEncoder(first).encode(*picture({10, 10}, PixelFormat::xrgb32)).value();
  EXPECT_EQ(first->next_id(), 1u);
  first.reset();
  EXPECT_EQ(dictionaries.open(1, 1000).value()->next_id(), 0u);
}

TEST(GlzDictionaries, WindowsAreCheckedAndCapped) {
  GlzDictionaries dictionaries(5000);
  EXPECT_EQ(dictionaries.open(0, 0).value(), nullptr);
  EXPECT_EQ(dictionaries.open(0, -1).error().kind(), ErrorKind::malformed);
  EXPECT_EQ(dictionaries.open(0, 1 << 30).error().kind(), ErrorKind::malformed);  // 4 GiB
  EXPECT_EQ(dictionaries.open(0, 1 << 25).value()->window_pixels(), 5000u);
  EXPECT_EQ(dictionaries.open(1, 400).value()->window_pixels(), 400u);
}

}  // namespace
}  // namespace cassia::channels
