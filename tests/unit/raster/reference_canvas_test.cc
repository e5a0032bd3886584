// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "render/raster/canvas.h"
#include "render/raster/pixel_ops.h"

namespace cassia::raster {
namespace {

ImageRef image_of(std::vector<std::vector<std::uint32_t>> rows,
                  PixelFormat format = PixelFormat::xrgb32) {
  const Size size{static_cast<std::int32_t>(rows[0].size()),
                  static_cast<std::int32_t>(rows.size())};
  Bitmap bitmap = Bitmap::create_cleared(size, format).value();
  for (std::int32_t y = 0; y < size.height; ++y) {
    for (std::int32_t x = 0; x < size.width; ++x) {
      set_pixel(bitmap, {x, y}, rows[static_cast<std::size_t>(y)][static_cast<std::size_t>(x)]);
    }
  }
  ImageRef image;
  image.source = std::make_shared<const Bitmap>(std::move(bitmap));
  return image;
}

class ReferenceCanvasTest : public testing::Test {
 protected:
  void SetUp() override { make({8, 4}); }
  void make(Size size, PixelFormat format = PixelFormat::xrgb32) {
    ASSERT_TRUE(canvas_->create_surface(0, size, format).has_value());
    canvas_->take_damage(0);
  }
  Result<void> draw(const Rect& box, Operation operation) {
    return canvas_->draw(DrawOp{0, box, {}, std::move(operation)});
  }
  std::uint32_t at(int x, int y) {
    const std::uint32_t pixel = pixel_at(*canvas_->peek(0), {x, y});
    return canvas_->surface_format(0) == PixelFormat::xrgb32 ? pixel & 0xffffff : pixel;
  }
  std::unique_ptr<Canvas> canvas_ = make_reference_canvas();
};

TEST_F(ReferenceCanvasTest, NewSurfacesAreZeroAndAllDamaged) {
  ASSERT_TRUE(canvas_->create_surface(5, {3, 2}, PixelFormat::rgb565).has_value());
  EXPECT_EQ(canvas_->take_damage(5).bounds(), (Rect{0, 0, 3, 2}));
  EXPECT_TRUE(canvas_->take_damage(5).empty());
  EXPECT_EQ(pixel_at(*canvas_->peek(5), {2, 1}), 0u);
  canvas_->destroy_surface(5);
  EXPECT_FALSE(canvas_->has_surface(5));
  EXPECT_EQ(canvas_->peek(5), nullptr);
}

TEST_F(ReferenceCanvasTest, DamageIsWhatWasDrawn) {
  ASSERT_TRUE(draw({-5, -5, 3, 2}, Fill{Color{0x123456}, Rop::copy, {}}).has_value());
  EXPECT_EQ(canvas_->take_damage(0).rects(), std::vector<Rect>({{0, 0, 3, 2}}));
  ASSERT_TRUE(draw({0, 0, 3, 2}, Fill{Color{0}, Rop::noop, {}}).has_value());
  EXPECT_TRUE(canvas_->take_damage(0).empty());
  EXPECT_EQ(at(2, 1), 0x123456u);
  EXPECT_EQ(at(3, 1), 0u);
}

TEST_F(ReferenceCanvasTest, ReportsWhatItCannotDraw) {
  const auto kind = [](const Result<void>& result) { return result.error().kind(); };
  EXPECT_EQ(kind(canvas_->draw(DrawOp{9, {0, 0, 1, 1}, {}, Blackness{}})), ErrorKind::not_found);
  ImageRef missing;
  missing.source = SurfaceSource{77};
  EXPECT_EQ(kind(draw({0, 0, 1, 1}, Copy{missing, {0, 0, 1, 1}})), ErrorKind::not_found);
  EXPECT_EQ(kind(draw({0, 0, 1, 1}, Copy{{}, {0, 0, 1, 1}})), ErrorKind::malformed);
  ImageRef encoded;
  encoded.source = std::make_shared<const EncodedImage>();
  EXPECT_EQ(kind(draw({0, 0, 1, 1}, Copy{encoded, {0, 0, 1, 1}})), ErrorKind::internal);
  EXPECT_EQ(kind(draw({0, 0, 4, 4}, Copy{image_of({{1}}), {5, 5, 5, 9}})), ErrorKind::malformed);
  EXPECT_FALSE(canvas_->create_surface(1, {0, 4}, PixelFormat::xrgb32));
  EXPECT_FALSE(canvas_->create_surface(1, {max_side + 1, 4}, PixelFormat::xrgb32));
  EXPECT_TRUE(canvas_->take_damage(0).empty()) << "a refused draw leaves no trace";
}

TEST_F(ReferenceCanvasTest, ScalesByNearestPixel) {
  ASSERT_TRUE(
      draw({0, 0, 8, 4},
           Copy{image_of({{1, 2}, {3, 4}}), {0, 0, 2, 2}, Rop::copy, ScaleMode::nearest, {}})
          .has_value());
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 8; ++x) EXPECT_EQ(at(x, y), static_cast<unsigned>(1 + x / 4 + y / 2 * 2));
  }
}

TEST_F(ReferenceCanvasTest, InterpolatesBetweenPixels) {
  ASSERT_TRUE(draw({0, 0, 8, 4}, Copy{image_of(std::vector(4, std::vector<std::uint32_t>{0, 0xfe})),
                                      {0, 0, 2, 4},
                                      Rop::copy,
                                      ScaleMode::interpolate,
                                      {}})
                  .has_value());
  EXPECT_GT(at(4, 2), at(3, 2));
  EXPECT_NEAR(static_cast<int>(at(3, 2)), 0xfe * 3 / 8, 1);
}

TEST_F(ReferenceCanvasTest, TransparentLeavesTheKey) {
  ASSERT_TRUE(draw({0, 0, 8, 4}, Whiteness{}).has_value());
  ASSERT_TRUE(
      draw({1, 1, 3, 2}, Transparent{image_of({{0xff00aa, 0x0000bb}}), {0, 0, 2, 1}, 0, 0xff00aa})
          .has_value());
  EXPECT_EQ(at(1, 1), 0xffffffu);
  EXPECT_EQ(at(2, 1), 0x0000bbu);
}

TEST_F(ReferenceCanvasTest, AlphaBlendsOverWhatIsThere) {
  ASSERT_TRUE(draw({0, 0, 8, 4}, Fill{Color{0x0000ff}, Rop::copy, {}}).has_value());
  const ImageRef red = image_of({{0xffff0000, 0x80800000, 0}}, PixelFormat::argb32);
  ASSERT_TRUE(draw({0, 0, 3, 1}, AlphaBlend{red, {0, 0, 3, 1}, 255}).has_value());
  EXPECT_EQ(at(0, 0), 0xff0000u);
  EXPECT_EQ(at(1, 0), 0x80007fu);
  EXPECT_EQ(at(2, 0), 0x0000ffu);
  ASSERT_TRUE(draw({0, 1, 3, 2}, AlphaBlend{red, {0, 0, 3, 1}, 128}).has_value());
  EXPECT_EQ(at(0, 1), 0x80007fu);
  ASSERT_TRUE(draw({0, 1, 3, 2}, AlphaBlend{red, {0, 0, 3, 1}, 0}).has_value());
  EXPECT_EQ(at(0, 1), 0x80007fu);
}

TEST_F(ReferenceCanvasTest, TextOfOneBit) {
  Text text;
  text.depth = 1;
  text.fore_brush = Color{0x00ff00};
  text.back_brush = Color{0x111111};
  text.back_area = {0, 0, 8, 2};
  text.glyphs.push_back({{1, 2}, {0, -2}, {3, 2}, {0b10100000, 0b01000000}});
  ASSERT_TRUE(draw({0, 0, 8, 4}, text).has_value());
  EXPECT_EQ(at(0, 0), 0x111111u);
  EXPECT_EQ(at(1, 0), 0x00ff00u);
  EXPECT_EQ(at(2, 0), 0x111111u);
  EXPECT_EQ(at(3, 0), 0x00ff00u);
  EXPECT_EQ(at(2, 1), 0x00ff00u);
  EXPECT_EQ(at(2, 2), 0u);
}

TEST_F(ReferenceCanvasTest, TextOfEightBitsBlends) {
  Text text;
  text.depth = 8;
  text.fore_brush = Color{0xffffff};
  text.glyphs.push_back({{0, 0}, {0, 0}, {3, 1}, {0, 128, 255}});
  ASSERT_TRUE(draw({0, 0, 8, 4}, text).has_value());
  EXPECT_EQ(at(0, 0), 0u);
  EXPECT_EQ(at(1, 0), 0x808080u);
  EXPECT_EQ(at(2, 0), 0xffffffu);
  text.glyphs[0].bits.pop_back();
  EXPECT_FALSE(draw({0, 0, 8, 4}, text).has_value()) << "a glyph without all its bytes";
}

TEST_F(ReferenceCanvasTest, CompositeOver) {
  ASSERT_TRUE(draw({0, 0, 8, 4}, Fill{Color{0x0000ff}, Rop::copy, {}}).has_value());
  Composite composite;
  composite.flags = 3;  // OVER
  composite.src = image_of({{0x80800000, 0xffff0000}}, PixelFormat::argb32);
  ASSERT_TRUE(draw({4, 2, 6, 3}, composite).has_value());
  EXPECT_EQ(at(4, 2), 0x80007fu);
  EXPECT_EQ(at(5, 2), 0xff0000u);
  composite.flags = 200;
  EXPECT_EQ(draw({4, 2, 6, 3}, composite).error().kind(), ErrorKind::unsupported);
}

TEST_F(ReferenceCanvasTest, HostileNumbersAreHarmless) {
  const std::int32_t huge = 0x7fffffff;
  const ImageRef image = image_of({{1, 2}});
  (void)draw({-huge / 2, -huge / 2, huge / 2, huge / 2}, Copy{image, {0, 0, 2, 1}});
  (void)draw({0, 0, 4, 4}, Copy{image, {huge - 4, huge - 4, huge, huge}});
  (void)draw({0, 0, 4, 4}, CopyBits{{-huge, huge}});
  (void)draw({0, 0, 4, 4}, Fill{Pattern{image, {-huge, huge}}, Rop::copy, {}});
  (void)draw({0, 0, 4, 4}, Blackness{Mask{image, {huge, -huge}, true}});
  Stroke stroke;
  stroke.brush = Color{1};
  stroke.path.push_back({1, {{-(1 << 24), 5}, {1 << 24, 40}}});
  EXPECT_TRUE(draw({0, 0, 8, 4}, stroke).has_value());
  stroke.path[0].points[0].x = -huge;
  EXPECT_FALSE(draw({0, 0, 8, 4}, stroke).has_value());
}

TEST(DummyCanvas, RemembersSizesAndDamage) {
  auto canvas = make_dummy_canvas();
  ASSERT_TRUE(canvas->create_surface(1, {10, 10}, PixelFormat::a8).has_value());
  canvas->take_damage(1);
  ASSERT_TRUE(canvas->draw(DrawOp{1, {5, 5, 50, 50}, {}, Blackness{}}).has_value());
  EXPECT_EQ(canvas->take_damage(1).bounds(), (Rect{5, 5, 10, 10}));
  EXPECT_FALSE(canvas->draw(DrawOp{2, {}, {}, Blackness{}}).has_value());
  EXPECT_EQ(canvas->read(1, {-4, -4, 3, 3})->size(), (Size{3, 3}));
}

}  // namespace
}  // namespace cassia::raster
