// SPDX-License-Identifier: Apache-2.0
// Whatever a guest draws and however a viewer stalls, once it has caught up its surfaces are the
// authoritative ones. Random sessions, reproducible by their seed.

#include <random>

#include "tests/unit/display/model_viewer.h"

namespace cassia::server {
namespace {

using raster::Rect;
using raster::Size;
using raster::SurfaceId;

constexpr Size sizes[] = {{120, 90}, {64, 64}, {50, 30}};
class RandomGuest {
 public:
  RandomGuest(PipelineFixture& fixture, std::uint32_t seed) : f_(fixture), random_(seed) {}

  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }

  void step() {
    const SurfaceId id = below(3);
    if (!f_.canvas->has_surface(id)) {
      f_.pipeline->surface_create({id, sizes[id], raster::PixelFormat::xrgb32, id == 0});
      return;
    }
    const Rect box = box_in(sizes[id]);
    switch (below(20)) {
      case 0:
        f_.pipeline->surface_destroy(id);
        return;
      case 1:
      case 2:
      case 3:
      case 4:
        f_.pipeline->draw(fill_op(id, box, random_() & 0xffffff));
        return;
      case 5:
      case 6:
      case 7:
        f_.pipeline->draw(fill_op(id, box, random_() & 0xffffff, raster::Rop::exclusive_or));
        return;
      case 8:
      case 9:
      case 10:
        f_.pipeline->draw(copy_op(id, box, image_of(noise(box.size(), random_()))));
        return;
      case 11:
      case 12:
      case 13:
        copy_bits(id, box);
        return;
      case 14:
      case 15:
      case 16:
        copy_surface(id, box);
        return;
      case 17:
        f_.pipeline->draw(fill_op(id, Rect::of(sizes[id]), random_() & 0xffffff));
        return;
      case 18:
        clipped(id, box);
        return;
      default:
        draw(id, box, raster::Invers{});
        return;
    }
  }

  /// Shows the surfaces that are not the screen on it: viewers have those only as far as they see.
  void show_all() {
    if (!f_.canvas->has_surface(0)) {
      f_.pipeline->surface_create({0, sizes[0], raster::PixelFormat::xrgb32, true});
    }
    for (SurfaceId from = 1; from < 3; ++from) {
      if (!f_.canvas->has_surface(from)) continue;
      raster::ImageRef source;
      source.source = raster::SurfaceSource{from};
      f_.pipeline->draw(copy_op(0, Rect::of(sizes[from]), source));
    }
  }

 private:
  Rect box_in(Size size) {
    const auto left = static_cast<int>(below(static_cast<std::uint32_t>(size.width - 1)));
    const auto top = static_cast<int>(below(static_cast<std::uint32_t>(size.height - 1)));
    const auto width = 1 + static_cast<int>(below(static_cast<std::uint32_t>(size.width - left)));
    const auto height = 1 + static_cast<int>(below(static_cast<std::uint32_t>(size.height - top)));
    return Rect::of({left, top}, {width, height});
  }
  void draw(SurfaceId id, Rect box, raster::Operation operation, raster::Clip clip = {}) {
    f_.pipeline->draw(std::make_shared<const raster::DrawOp>(
        raster::DrawOp{id, box, std::move(clip), std::move(operation)}));
  }
  void copy_bits(SurfaceId id, Rect box) {
    const auto x =
        static_cast<int>(below(static_cast<std::uint32_t>(sizes[id].width - box.width() + 1)));
    const auto y =
        static_cast<int>(below(static_cast<std::uint32_t>(sizes[id].height - box.height() + 1)));
    draw(id, box, raster::CopyBits{{x, y}});
  }
  void copy_surface(SurfaceId id, Rect box) {
    const SurfaceId from = below(3);
    if (!f_.canvas->has_surface(from)) return;
    const int width = std::min(box.width(), sizes[from].width);
    const int height = std::min(box.height(), sizes[from].height);
    raster::ImageRef source;
    source.source = raster::SurfaceSource{from};
    f_.pipeline->draw(copy_op(id, Rect::of(box.origin(), {width, height}), source));
  }
  void clipped(SurfaceId id, Rect box) {
    raster::Fill fill;
    fill.brush = raster::Color{random_() & 0xffffff};
    draw(id, box, fill, raster::Clip{{{box_in(sizes[id]), box_in(sizes[id])}}});
  }

  PipelineFixture& f_;
  std::mt19937 random_;
};

class PipelineRandom : public testing::TestWithParam<std::uint32_t> {};

TEST_P(PipelineRandom, ViewersEndWithTheGuestsPicture) {
  ViewerLimits limits;
  limits.max_commands = 12;
  limits.max_bytes = 60000;
  limits.cover_scan = 8;
  limits.refresh_patience = 3;
  PipelineFixture f(limits);
  RandomGuest guest(f, GetParam());
  ModelViewer steady, halting, refusing;
  halting.budget_ = 0;
  refusing.refuses_ = "draw_invers";
  refusing.lz4_ = false;
  refusing.budget_ = 0;
  f.pipeline->attach(steady);
  ViewerQueue* halting_queue = f.pipeline->attach(halting);
  ViewerQueue* refusing_queue = f.pipeline->attach(refusing);
  for (int i = 0; i < 400; ++i) {
    guest.step();
    if (guest.below(4) == 0) {
      halting.budget_ = guest.below(9);
      halting_queue->flush();
    }
    if (guest.below(7) == 0) {
      refusing.budget_ = guest.below(20);
      refusing_queue->flush();
    }
    ASSERT_LE(halting_queue->commands(), limits.max_commands + 6);
  }
  const auto expect_same = [&](std::initializer_list<ModelViewer*> viewers) {
    for (ModelViewer* viewer : viewers) viewer->expect_same_as(f.pipeline->surfaces(), {0});
  };
  halting.budget_.reset();
  halting_queue->flush();
  refusing.budget_.reset();
  refusing_queue->flush();
  ModelViewer late;
  f.pipeline->attach(late);
  expect_same({&steady, &halting, &refusing, &late});
  guest.show_all();
  expect_same({&steady, &halting, &refusing, &late});
  for (ModelViewer* viewer : {&steady, &halting, &refusing, &late}) {
    EXPECT_TRUE(viewer->canvas_->has_surface(0));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, PipelineRandom, testing::Range(1u, 201u));

}  // namespace
}  // namespace cassia::server
