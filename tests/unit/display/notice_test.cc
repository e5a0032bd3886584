// SPDX-License-Identifier: Apache-2.0
#include "server/display/notice.h"

#include "server/display/console_font.h"
#include "tests/unit/display/model_viewer.h"

namespace cassia::server {
namespace {

TEST(Notice, IsDrawnInTheMiddleAndNowhereElse) {
  PipelineFixture f;
  f.pipeline->surface_create({0, {400, 300}, raster::PixelFormat::xrgb32, true});
  f.pipeline->draw(fill_op(0, {0, 0, 400, 300}, 0x010203));
  f.pipeline->show_notice("guest restarting");
  const auto picture = f.pipeline->picture().value();
  EXPECT_EQ(picture.row32(10)[10] & 0xffffff, 0x010203u);
  const auto line = draw_text("guest restarting", 0xffffff, 0x203a5c).value();
  const raster::Rect words =
      raster::Rect::of({(400 - line.width()) / 2, (300 - 16) / 2}, line.size());
  EXPECT_TRUE(raster::same_pixels(picture.view(words), line));
}

TEST(Notice, FitsSmallAndSixteenBitScreens) {
  for (const auto format : {raster::PixelFormat::rgb555, raster::PixelFormat::xrgb32}) {
    PipelineFixture f;
    f.pipeline->surface_create({0, {40, 10}, format, true});
    f.pipeline->show_notice("guest restarting");
    ModelViewer viewer;
    f.pipeline->attach(viewer);
    viewer.expect_same_as(f.pipeline->surfaces(), {0});
  }
}

TEST(Notice, HasAScreenOfItsOwnIfThereIsNone) {
  PipelineFixture f;
  ModelViewer viewer;
  f.pipeline->attach(viewer);
  EXPECT_FALSE(f.pipeline->picture());
  f.pipeline->show_notice("waiting for the guest");
  EXPECT_EQ(f.pipeline->picture().value().size(), (raster::Size{640, 480}));
  viewer.expect_same_as(f.pipeline->surfaces(), {0});
}

}  // namespace
}  // namespace cassia::server
