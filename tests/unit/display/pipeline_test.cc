// SPDX-License-Identifier: Apache-2.0
#include "server/display/pipeline.h"

#include <gmock/gmock.h>

#include "tests/unit/display/model_viewer.h"

namespace cassia::server {
namespace {

using raster::Rect;
using testing::ElementsAre;

constexpr channels::SurfaceInfo screen{0, {200, 100}, raster::PixelFormat::xrgb32, true};
const Rect whole = Rect::of(screen.size);

TEST(Pipeline, SendsDrawsInOrderWhileTheViewerTakesThem) {
  PipelineFixture f;
  ModelViewer viewer;
  f.pipeline->attach(viewer);
  f.pipeline->surface_create(screen);
  f.pipeline->draw(fill_op(0, whole, 0x112233));
  f.pipeline->draw(fill_op(0, {10, 10, 20, 20}, 0xffffff, raster::Rop::exclusive_or));
  f.pipeline->mark();
  EXPECT_THAT(viewer.log_, ElementsAre("create", "draw_fill", "draw_fill", "mark"));
  viewer.expect_same_as(f.pipeline->surfaces(), {0});
}

TEST(Pipeline, LateJoinerGetsOneFullPictureThenTheMark) {
  PipelineFixture f;
  f.pipeline->surface_create(screen);
  f.pipeline->draw(fill_op(0, whole, 0x112233));
  f.pipeline->draw(fill_op(0, {50, 50, 60, 60}, 0xff0000));
  f.pipeline->mark();
  ModelViewer late;
  f.pipeline->attach(late);
  EXPECT_THAT(late.log_, ElementsAre("create", "draw_copy", "mark"));
  late.expect_same_as(f.pipeline->surfaces(), {0});
}

TEST(Pipeline, LateJoinersGetTheHistoryWhereItIsKept) {
  ViewerLimits limits;
  limits.max_commands = 5;  // no limit for history
  PipelineFixture f(limits);
  f.pipeline->keep_history();
  f.pipeline->surface_create({7, {10, 10}, raster::PixelFormat::xrgb32, false});
  f.pipeline->draw(fill_op(7, {0, 0, 9, 9}, 0x445566));
  f.pipeline->surface_destroy(7);
  f.pipeline->surface_create(screen);
  for (int i = 0; i < 4; ++i) f.pipeline->draw(fill_op(0, whole, 0x112233));
  f.pipeline->mark();
  for (int viewers = 0; viewers < 2; ++viewers) {
    ModelViewer late;
    ViewerQueue* queue = f.pipeline->attach(late);
    EXPECT_THAT(late.log_, ElementsAre("create", "draw_fill", "destroy", "create", "draw_fill",
                                       "draw_fill", "draw_fill", "draw_fill", "mark"));
    EXPECT_EQ(queue->counters().refreshes_sent, 0u);
    late.expect_same_as(f.pipeline->surfaces(), {0, 7});
    f.pipeline->detach(queue);
  }
}

TEST(Pipeline, AViewerThatNeverCatchesUpIsSentTheMark) {
  ViewerLimits limits;
  limits.refresh_patience = 10;
  PipelineFixture f(limits);
  ModelViewer slow;
  f.pipeline->surface_create(screen);
  f.pipeline->mark();
  slow.budget_ = 2;  // the surface and its picture
  ViewerQueue* queue = f.pipeline->attach(slow);
  for (int i = 0; i < 100; ++i) {
    for (int k = 0; k < 2; ++k) {
      f.pipeline->draw(fill_op(0, {0, 0, 50, 50}, 0xff, raster::Rop::exclusive_or));
    }
    slow.budget_ = 1;
    queue->flush();
  }
  EXPECT_GT(queue->commands(), 0u);
  EXPECT_THAT(slow.log_, testing::Contains("mark"));
}

TEST(Pipeline, CoveredCommandsAreDropped) {
  PipelineFixture f;
  ModelViewer viewer;
  ViewerQueue* queue = f.pipeline->attach(viewer);
  f.pipeline->surface_create(screen);
  viewer.open_ = false;
  f.pipeline->draw(fill_op(0, {10, 10, 20, 20}, 1));
  f.pipeline->draw(fill_op(0, {15, 15, 30, 30}, 2, raster::Rop::exclusive_or));
  f.pipeline->draw(fill_op(0, {100, 0, 120, 20}, 3));
  f.pipeline->draw(fill_op(0, {0, 0, 50, 50}, 4));
  EXPECT_EQ(queue->commands(), 2u);
  EXPECT_EQ(queue->counters().commands_covered, 2u);
  viewer.open_ = true;
  queue->flush();
  viewer.expect_same_as(f.pipeline->surfaces(), {0});
}

TEST(Pipeline, WhatALaterCommandReadsIsKept) {
  PipelineFixture f;
  ModelViewer viewer;
  ViewerQueue* queue = f.pipeline->attach(viewer);
  f.pipeline->surface_create(screen);
  viewer.open_ = false;
  f.pipeline->draw(fill_op(0, {0, 0, 50, 50}, 0xff));
  f.pipeline->draw(std::make_shared<const raster::DrawOp>(
      raster::DrawOp{0, {100, 0, 150, 50}, {}, raster::CopyBits{{0, 0}}}));
  f.pipeline->draw(fill_op(0, {0, 0, 50, 50}, 0xff00));
  EXPECT_EQ(queue->commands(), 2u);  // the first where it was moved to, and the last
  viewer.open_ = true;
  queue->flush();
  viewer.expect_same_as(f.pipeline->surfaces(), {0});
}

raster::DrawOpPtr scroll_up(int rows) {
  return std::make_shared<const raster::DrawOp>(
      raster::DrawOp{0, {0, 0, 200, 100 - rows}, {}, raster::CopyBits{{0, rows}}});
}

TEST(Pipeline, ScrollsFoldIntoOneMoveAndTheLinesThatAreLeft) {
  PipelineFixture f;
  ModelViewer viewer;
  ViewerQueue* queue = f.pipeline->attach(viewer);
  f.pipeline->surface_create(screen);
  f.pipeline->draw(copy_op(0, whole, image_of(noise(screen.size, 1))));
  viewer.open_ = false;
  viewer.log_.clear();
  for (std::uint32_t line = 0; line < 6; ++line) {
    f.pipeline->draw(scroll_up(10));
    f.pipeline->draw(copy_op(0, {0, 90, 200, 100}, image_of(noise({200, 10}, 10 + line))));
  }
  EXPECT_EQ(queue->commands(), 7u);
  viewer.open_ = true;
  queue->flush();
  EXPECT_THAT(viewer.log_, ElementsAre("copy_bits", "draw_copy", "draw_copy", "draw_copy",
                                       "draw_copy", "draw_copy", "draw_copy"));
  viewer.expect_same_as(f.pipeline->surfaces(), {0});
  viewer.open_ = false;
  for (std::uint32_t line = 0; line < 1000; ++line) {
    f.pipeline->draw(scroll_up(10));
    f.pipeline->draw(copy_op(0, {0, 90, 200, 100}, image_of(noise({200, 10}, 100 + line))));
  }
  EXPECT_LE(queue->commands(), 11u);  // what went off the top is gone
  EXPECT_EQ(queue->counters().overflows, 0u);
  viewer.open_ = true;
  queue->flush();
  viewer.expect_same_as(f.pipeline->surfaces(), {0});
}

TEST(Pipeline, SeveralCommandsTogetherCoverOne) {
  PipelineFixture f;
  ModelViewer viewer;
  ViewerQueue* queue = f.pipeline->attach(viewer);
  f.pipeline->surface_create(screen);
  viewer.open_ = false;
  f.pipeline->draw(copy_op(0, {10, 10, 50, 50}, image_of(noise({40, 40}, 1))));
  f.pipeline->draw(fill_op(0, {0, 0, 30, 100}, 2));
  f.pipeline->draw(fill_op(0, {30, 0, 60, 100}, 3));
  EXPECT_EQ(queue->commands(), 2u);
  EXPECT_EQ(queue->counters().commands_covered, 1u);
  EXPECT_LT(queue->bytes(), 40u * 40u);
  viewer.open_ = true;
  queue->flush();
  viewer.expect_same_as(f.pipeline->surfaces(), {0});
}

TEST(Pipeline, AnImageThatIsHardlyVisibleIsNotSentWhole) {
  PipelineFixture f;
  ModelViewer viewer;
  ViewerQueue* queue = f.pipeline->attach(viewer);
  f.pipeline->surface_create(screen);
  viewer.open_ = false;
  f.pipeline->draw(copy_op(0, whole, image_of(noise(screen.size, 1))));
  f.pipeline->draw(fill_op(0, {0, 0, 200, 95}, 2));
  viewer.open_ = true;
  queue->flush();
  EXPECT_EQ(queue->counters().refreshes_sent, 1u);
  EXPECT_EQ(queue->counters().commands_sent, 1u);
  viewer.expect_same_as(f.pipeline->surfaces(), {0});
}

TEST(Pipeline, WindowsThatSwapPlacesKeepTheirPixels) {
  PipelineFixture f;
  ModelViewer viewer;
  ViewerQueue* queue = f.pipeline->attach(viewer);
  f.pipeline->surface_create({0, {300, 100}, raster::PixelFormat::xrgb32, true});
  f.pipeline->draw(copy_op(0, {0, 0, 300, 100}, image_of(noise({300, 100}, 5))));
  viewer.open_ = false;
  const auto move = [&](int from, int to) {
    f.pipeline->draw(std::make_shared<const raster::DrawOp>(
        raster::DrawOp{0, {to, 0, to + 100, 100}, {}, raster::CopyBits{{from, 0}}}));
  };
  move(0, 200);
  move(100, 0);
  move(200, 100);
  viewer.open_ = true;
  queue->flush();
  viewer.expect_same_as(f.pipeline->surfaces(), {0});
}

TEST(Pipeline, AnOffScreenSurfaceIsSentOnceItIsUsed) {
  PipelineFixture f;
  ModelViewer viewer;
  f.pipeline->attach(viewer);
  f.pipeline->surface_create(screen);
  f.pipeline->surface_create({7, {20, 20}, raster::PixelFormat::xrgb32, false});
  f.pipeline->draw(fill_op(7, {0, 0, 20, 20}, 0x445566));
  f.pipeline->draw(fill_op(7, {5, 5, 10, 10}, 0xff, raster::Rop::exclusive_or));
  EXPECT_THAT(viewer.log_, ElementsAre("create"));
  raster::ImageRef source;
  source.source = raster::SurfaceSource{7};
  f.pipeline->draw(copy_op(0, {30, 30, 50, 50}, source));
  f.pipeline->draw(fill_op(7, {0, 0, 20, 20}, 0x990000));
  f.pipeline->draw(copy_op(0, {60, 30, 80, 50}, source));
  viewer.expect_same_as(f.pipeline->surfaces(), {0, 7});
  f.pipeline->surface_destroy(7);
  EXPECT_FALSE(viewer.canvas_->has_surface(7));
}

TEST(Pipeline, OverflowBecomesARefreshOfTheDamage) {
  ViewerLimits limits;
  limits.max_commands = 50;
  PipelineFixture f(limits);
  ModelViewer stopped, quick;
  ViewerQueue* queue = f.pipeline->attach(stopped);
  f.pipeline->attach(quick);
  f.pipeline->surface_create(screen);
  stopped.open_ = false;
  for (int i = 0; i < 10000; ++i) {
    const Rect box = Rect::of({i % 90, i % 70}, {8, 8});
    f.pipeline->draw(fill_op(0, box, static_cast<raster::Color>(i), raster::Rop::exclusive_or));
    ASSERT_LE(queue->commands(), limits.max_commands);
  }
  EXPECT_GT(queue->counters().overflows, 0u);
  EXPECT_EQ(quick.log_.size(), 10001u);  // it was not held up
  stopped.open_ = true;
  queue->flush();
  EXPECT_TRUE(queue->idle());
  EXPECT_LT(stopped.log_.size(), 100u);
  stopped.expect_same_as(f.pipeline->surfaces(), {0});
  quick.expect_same_as(f.pipeline->surfaces(), {0});
}

TEST(Pipeline, ImageBytesOfAStoppedViewerAreBounded) {
  ViewerLimits limits;
  limits.max_bytes = 1u << 20;
  PipelineFixture f(limits);
  ModelViewer viewer;
  ViewerQueue* queue = f.pipeline->attach(viewer);
  f.pipeline->surface_create(screen);
  viewer.open_ = false;
  for (std::uint32_t i = 0; i < 500; ++i) {
    const Rect box = Rect::of({static_cast<int>(i) % 100, static_cast<int>(i) % 50}, {100, 50});
    f.pipeline->draw(copy_op(0, box, image_of(noise({100, 50}, i))));
    ASSERT_LE(queue->bytes(), limits.max_bytes);
  }
  viewer.open_ = true;
  queue->flush();
  viewer.expect_same_as(f.pipeline->surfaces(), {0});
}

TEST(Pipeline, SurfacesMadeAndDestroyedMeanwhileCostNothing) {
  ViewerLimits limits;
  limits.max_commands = 20;
  PipelineFixture f(limits);
  ModelViewer viewer;
  ViewerQueue* queue = f.pipeline->attach(viewer);
  f.pipeline->surface_create(screen);
  viewer.open_ = false;
  for (int i = 0; i < 1000; ++i) {
    f.pipeline->surface_create({7, {10, 10}, raster::PixelFormat::xrgb32, false});
    f.pipeline->draw(fill_op(7, {0, 0, 10, 10}, static_cast<raster::Color>(i)));
    if (i != 999) f.pipeline->surface_destroy(7);
    ASSERT_LE(queue->commands(), limits.max_commands + 2);
  }
  viewer.open_ = true;
  queue->flush();
  EXPECT_FALSE(viewer.canvas_->has_surface(7));  // it was not used
  viewer.expect_same_as(f.pipeline->surfaces(), {0});
}

TEST(Pipeline, AnOffScreenSurfaceThatIsTooLargeIsNotSentForOneUse) {
  ViewerLimits limits;
  limits.max_bytes = 10'000;
  PipelineFixture f(limits);
  ModelViewer viewer;
  ViewerQueue* queue = f.pipeline->attach(viewer);
  f.pipeline->surface_create(screen);
  f.pipeline->surface_create({7, {200, 100}, raster::PixelFormat::xrgb32, false});
  f.pipeline->draw(fill_op(7, {5, 5, 195, 95}, 0xff, raster::Rop::exclusive_or));
  raster::ImageRef source;
  source.source = raster::SurfaceSource{7};
  f.pipeline->draw(copy_op(0, {30, 30, 50, 50}, source));
  EXPECT_EQ(queue->counters().overflows, 0u);
  EXPECT_EQ(queue->counters().refreshes_sent, 1u);
  viewer.expect_same_as(f.pipeline->surfaces(), {0});
}

TEST(Pipeline, OperationThatAViewerLacksIsSentAsPixels) {
  PipelineFixture f;
  ModelViewer viewer;
  viewer.refuses_ = "draw_invers";
  f.pipeline->attach(viewer);
  f.pipeline->surface_create(screen);
  f.pipeline->draw(fill_op(0, whole, 0x123456));
  f.pipeline->draw(std::make_shared<const raster::DrawOp>(
      raster::DrawOp{0, {5, 5, 25, 25}, {}, raster::Invers{}}));
  EXPECT_THAT(viewer.log_, ElementsAre("create", "draw_fill", "draw_copy"));
  viewer.expect_same_as(f.pipeline->surfaces(), {0});
}

TEST(Pipeline, BadDrawChangesNothingAnywhere) {
  PipelineFixture f;
  ModelViewer viewer;
  f.pipeline->attach(viewer);
  f.pipeline->surface_create(screen);
  raster::ImageRef missing;
  missing.source = raster::SurfaceSource{99};
  f.pipeline->draw(copy_op(0, {0, 0, 10, 10}, missing));
  f.pipeline->draw(fill_op(42, {0, 0, 10, 10}, 1));
  EXPECT_THAT(viewer.log_, ElementsAre("create"));
}

TEST(Pipeline, ResetAndNewSurfacesReachViewersThatStay) {
  PipelineFixture f;
  ModelViewer viewer;
  f.pipeline->attach(viewer);
  f.pipeline->surface_create(screen);
  f.pipeline->draw(fill_op(0, whole, 1));
  f.pipeline->show_notice("guest restarting");
  viewer.expect_same_as(f.pipeline->surfaces(), {0});
  f.pipeline->reset();
  EXPECT_FALSE(viewer.canvas_->has_surface(0));
  f.pipeline->surface_create({0, {64, 48}, raster::PixelFormat::rgb555, true});
  f.pipeline->draw(fill_op(0, {0, 0, 64, 48}, 0x7c00));
  viewer.expect_same_as(f.pipeline->surfaces(), {0});
}

}  // namespace
}  // namespace cassia::server
