// SPDX-License-Identifier: Apache-2.0
// The pages as data: complete, apart from each other, the same each time.

#include "server/guest/draw_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "render/raster/canvas.h"
#include "server/display/shared_op.h"

namespace cassia::server {
namespace {

using raster::Rect;

class DrawPages : public testing::TestWithParam<std::string> {
 protected:
  DrawPage page() const { return make_draw_page(GetParam()).value(); }
};

std::unique_ptr<raster::Canvas> drawn(const DrawPage& page) {
  auto canvas = raster::make_reference_canvas();
  for (const auto& surface : page.surfaces) {
    EXPECT_TRUE(canvas->create_surface(surface.id, surface.size, surface.format));
  }
  for (const auto& draw : page.draws) {
    const auto decoded = SharedOp(draw, false).decoded();
    EXPECT_TRUE(decoded) << decoded.error().message();
    if (!decoded) continue;
    const auto done = canvas->draw(**decoded);
    EXPECT_TRUE(done) << done.error().message();
  }
  return canvas;
}

TEST_P(DrawPages, EveryDrawIsGoodAndEndsOnTheScreen) {
  const DrawPage shown = page();
  EXPECT_EQ(shown.name, GetParam());
  const auto canvas = drawn(shown);
  const auto& last = *shown.draws.back();
  EXPECT_EQ(last.surface, shown.surfaces.front().id);
  EXPECT_EQ(last.box, Rect::of(shown.size));
  for (std::size_t i = 0; i + 1 < shown.draws.size(); ++i) {
    EXPECT_NE(shown.draws[i]->surface, last.surface) << "draw " << i << " is seen too early";
  }
}

TEST_P(DrawPages, CellsHaveNamesAndRoomOfTheirOwn) {
  const DrawPage shown = page();
  std::set<std::string> names;
  for (std::size_t i = 0; i < shown.cells.size(); ++i) {
    const DrawCell& cell = shown.cells[i];
    EXPECT_TRUE(names.insert(cell.name).second) << cell.name;
    EXPECT_TRUE(Rect::of(shown.size).contains(cell.box)) << cell.name;
    for (std::size_t k = 0; k < i; ++k) {
      EXPECT_TRUE(cell.box.intersected(shown.cells[k].box).empty())
          << cell.name << " and " << shown.cells[k].name;
    }
  }
}

TEST_P(DrawPages, TheSamePictureEachTime) {
  const auto first = drawn(page()), second = drawn(page());
  const Rect all = Rect::of(page().size);
  EXPECT_TRUE(raster::same_pixels(first->read(0, all).value(), second->read(0, all).value()));
}

INSTANTIATE_TEST_SUITE_P(All, DrawPages, testing::ValuesIn(draw_page_names()),
                         [](const auto& info) {
                           std::string name = info.param;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

TEST(DrawPageNames, AnUnknownOneIsToldWhichThereAre) {
  const auto none = make_draw_page("draws-0");
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message(), testing::HasSubstr("draws-1 to"));
}

}  // namespace
}  // namespace cassia::server
