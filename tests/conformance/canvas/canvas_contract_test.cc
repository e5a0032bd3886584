// SPDX-License-Identifier: Apache-2.0
// What every canvas promises about surfaces, errors and damage, whatever it draws with; the dummy
// one as well.

#include <gtest/gtest.h>

#include <limits>

#include "tests/conformance/canvas/backends.h"
#include "tests/conformance/canvas/case_generator.h"
#include "tests/conformance/canvas/compare.h"

namespace cassia::raster::conformance {
namespace {

constexpr Size size{20, 16};
const Rect whole = Rect::of(size);

class CanvasContract : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    auto made = make_backend(GetParam());
    ASSERT_TRUE(made.has_value()) << made.error().message();
    backend_ = std::move(*made);
    ASSERT_TRUE(canvas().create_surface(1, size, PixelFormat::xrgb32));
    canvas().take_damage(1);
  }
  Canvas& canvas() { return *backend_.canvas; }
  static DrawOp fill(const Rect& box, Clip clip = {}) {
    return {1, box, std::move(clip), Fill{Color{0x336699}, Rop::copy, {}}};
  }
  /// Refused, with nothing drawn and no damage, and the next draw works.
  void expect_refused(Operation operation, const Rect& box = whole) {
    ASSERT_TRUE(canvas().draw(fill({2, 2, 9, 9})));
    canvas().take_damage(1);
    const Bitmap before = canvas().read(1, whole).value().copy().value();
    EXPECT_FALSE(canvas().draw({1, box, {}, std::move(operation)}));
    EXPECT_TRUE(canvas().take_damage(1).empty());
    EXPECT_EQ(first_difference(before, canvas().read(1, whole).value(), 0), "");
  }

  Backend backend_;
};

/// All but the dummy, which looks at no image and no number.
class DrawingCanvas : public CanvasContract {};

ImageRef surface(SurfaceId id) {
  ImageRef image;
  image.source = SurfaceSource{id};
  return image;
}

TEST_P(CanvasContract, KnowsItsSurfaces) {
  EXPECT_FALSE(canvas().name().empty());
  ASSERT_TRUE(canvas().create_surface(7, {3, 5}, PixelFormat::rgb565));
  EXPECT_TRUE(canvas().has_surface(7));
  EXPECT_EQ(canvas().surface_size(7), (Size{3, 5}));
  EXPECT_EQ(canvas().surface_format(7), PixelFormat::rgb565);
  ASSERT_TRUE(canvas().create_surface(7, {4, 2}, PixelFormat::a8));
  EXPECT_EQ(canvas().surface_size(7), (Size{4, 2}));
  EXPECT_EQ(canvas().surface_format(7), PixelFormat::a8);
  canvas().destroy_surface(7);
  canvas().destroy_surface(7);
  EXPECT_FALSE(canvas().has_surface(7));
  EXPECT_EQ(canvas().surface_size(7), Size{});
  canvas().destroy_all();
  EXPECT_FALSE(canvas().has_surface(1));
  EXPECT_FALSE(canvas().read(1, whole));
  EXPECT_TRUE(canvas().take_damage(1).empty());
}

TEST_P(CanvasContract, RefusesSurfacesThatCannotBe) {
  for (const Size bad :
       {Size{0, 4}, Size{4, 0}, Size{-1, 4}, Size{max_side + 1, 1}, Size{1, max_side + 1}}) {
    EXPECT_FALSE(canvas().create_surface(9, bad, PixelFormat::xrgb32)) << bad.width;
    EXPECT_FALSE(canvas().has_surface(9));
  }
}

TEST_P(CanvasContract, ADrawOnNoSurfaceIsAnErrorThatNamesBoth) {
  DrawOp op = fill(whole);
  op.surface = 44;
  const auto done = canvas().draw(op);
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message().find("draw_fill"), std::string::npos);
  EXPECT_NE(done.error().message().find("44"), std::string::npos);
}

TEST_P(CanvasContract, ANewSurfaceIsZeroAndDamagedWhole) {
  ASSERT_TRUE(canvas().draw(fill(whole)));
  ASSERT_TRUE(canvas().create_surface(1, size, PixelFormat::argb32));
  EXPECT_EQ(canvas().take_damage(1).bounds(), whole);
  const Bitmap zero = Bitmap::create_cleared(size, PixelFormat::argb32).value();
  EXPECT_EQ(first_difference(zero, canvas().read(1, whole).value(), 0), "");
}

TEST_P(CanvasContract, DamageIsWhatTheDrawMayHaveChangedOnce) {
  ASSERT_TRUE(canvas().draw(fill({-5, 3, 4, 99})));
  EXPECT_EQ(canvas().take_damage(1).bounds(), (Rect{0, 3, 4, size.height}));
  EXPECT_TRUE(canvas().take_damage(1).empty());
  ASSERT_TRUE(canvas().draw(fill(whole, {std::vector<Rect>{{1, 1, 3, 3}, {9, 9, 500, 10}}})));
  const Region expected(std::vector<Rect>{{1, 1, 3, 3}, {9, 9, size.width, 10}});
  EXPECT_EQ(canvas().take_damage(1).rects(), expected.rects());
  const std::vector<Rect> none, outside = {{100, 100, 120, 120}}, inverted = {{9, 9, 3, 3}};
  for (const auto& rects : {none, outside, inverted}) {
    ASSERT_TRUE(canvas().draw(fill(whole, {rects})));
    EXPECT_TRUE(canvas().take_damage(1).empty());
  }
  for (const Rect& box : {Rect{4, 4, 4, 9}, Rect{9, 9, 4, 4}, Rect{50, 0, 60, 9}}) {
    ASSERT_TRUE(canvas().draw(fill(box)));
    EXPECT_TRUE(canvas().take_damage(1).empty());
  }
}

TEST_P(CanvasContract, ReadsNoMoreThanThereIs) {
  const auto part = canvas().read(1, {-5, 10, 7, 99});
  ASSERT_TRUE(part) << part.error().message();
  EXPECT_EQ(part->size(), (Size{7, size.height - 10}));
  EXPECT_EQ(part->format(), PixelFormat::xrgb32);
}

TEST_P(DrawingCanvas, MissingImagesAreRefused) {
  expect_refused(Copy{surface(99), whole, Rop::copy, ScaleMode::nearest, {}});
  expect_refused(Copy{{}, whole, Rop::copy, ScaleMode::nearest, {}});
  Fill tiled;
  tiled.brush = Pattern{surface(99), {}};
  expect_refused(tiled);
  Fill masked{Color{1}, Rop::copy, {}};
  masked.mask.image = surface(99);
  expect_refused(masked);
  Opaque opaque{surface(1), whole, Pattern{surface(99), {}}, Rop::or_, ScaleMode::nearest, {}};
  expect_refused(opaque);
  Composite composite;
  composite.src = surface(1);
  composite.mask = surface(99);
  expect_refused(composite);
  ImageRef encoded;
  encoded.source = std::make_shared<const EncodedImage>();
  expect_refused(Copy{encoded, whole, Rop::copy, ScaleMode::nearest, {}});
}

TEST_P(DrawingCanvas, ImpossibleNumbersAreRefused) {
  constexpr auto far = std::numeric_limits<std::int32_t>::max();
  expect_refused(Copy{surface(1), {0, 0, far, far}, Rop::copy, ScaleMode::nearest, {}});
  expect_refused(Copy{surface(1), {5, 5, 5, 9}, Rop::copy, ScaleMode::nearest, {}});
  Text text;
  text.depth = 3;
  text.fore_brush = Color{1};
  expect_refused(text);
  text.depth = 8;
  text.glyphs = {Glyph{{2, 2}, {0, 0}, {9, 9}, Bytes(10)}};
  expect_refused(text);
  Stroke stroke;
  stroke.brush = Color{1};
  stroke.path = {PathSegment{1, {{0, 0}, {far, 4}}}};
  expect_refused(stroke);
  Composite composite;
  composite.src = surface(1);
  composite.flags = 0x0f;  // no operator
  expect_refused(composite);
  composite.flags = 3 | 6u << 8;  // no filter
  expect_refused(composite);
}

TEST_P(CanvasContract, CoordinatesAtTheEndOfTheirRangeDoNoHarm) {
  constexpr auto low = std::numeric_limits<std::int32_t>::min();
  constexpr auto far = std::numeric_limits<std::int32_t>::max();
  ASSERT_TRUE(canvas().draw(fill({low, low, far, far})));
  EXPECT_EQ(canvas().take_damage(1).bounds(), whole);
  EXPECT_TRUE(canvas().draw({1, {low, low, far, far}, {}, CopyBits{{far, low}}}));
  EXPECT_TRUE(canvas().draw({1, whole, {}, CopyBits{{low, far}}}));
  EXPECT_TRUE(canvas().draw(fill(whole, {std::vector<Rect>{{low, low, far, far}}})));
}

std::vector<std::string> drawing_backends() {
  std::vector<std::string> names = backend_names();
  names.push_back("reference");
  return names;
}

std::vector<std::string> all_backends() {
  std::vector<std::string> names = drawing_backends();
  names.push_back("dummy");
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, DrawingCanvas, testing::ValuesIn(drawing_backends()),
                         [](const auto& info) { return info.param; });
INSTANTIATE_TEST_SUITE_P(All, CanvasContract, testing::ValuesIn(all_backends()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace cassia::raster::conformance
