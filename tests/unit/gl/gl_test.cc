// SPDX-License-Identifier: Apache-2.0
// The parts of render/gl that the conformance suite does not reach: the presenter, the texture
// cache, the driver's name.

#include <GL/glew.h>
#include <gtest/gtest.h>

#include "render/gl/context.h"
#include "render/gl/gl_canvas.h"
#include "render/gl/presenter.h"
#include "render/gl/texture_cache.h"

namespace cassia::raster::gl {
namespace {

BitmapPtr picture(Size size, std::uint32_t first) {
  auto bitmap = std::make_shared<Bitmap>(Bitmap::create(size, PixelFormat::xrgb32).value());
  for (std::int32_t y = 0; y < size.height; ++y) {
    for (std::int32_t x = 0; x < size.width; ++x) {
      bitmap->row32(y)[x] = first + static_cast<std::uint32_t>(y * size.width + x);
    }
  }
  return bitmap;
}

class GlTest : public testing::Test {
 protected:
  void SetUp() override {
    auto context = Context::create_headless();
    ASSERT_TRUE(context.has_value()) << context.error().message();
    context_ = std::move(*context);
  }
  std::unique_ptr<Context> context_;
};

TEST(SoftwareRenderer, IsKnownByName) {
  EXPECT_TRUE(is_software_renderer("llvmpipe (LLVM 15.0.6, 256 bits)"));
  EXPECT_TRUE(is_software_renderer("softpipe"));
  EXPECT_TRUE(is_software_renderer("Software Rasterizer"));
  EXPECT_FALSE(is_software_renderer("Mesa Intel(R) UHD Graphics 620 (KBL GT2)"));
  EXPECT_FALSE(is_software_renderer("NVIDIA GeForce RTX 3060/PCIe/SSE2"));
}

TEST(Letterbox, KeepsProportions) {
  EXPECT_EQ(letterbox({100, 50}, {200, 200}), (Rect{0, 50, 200, 150}));
  EXPECT_EQ(letterbox({50, 100}, {200, 200}), (Rect{50, 0, 150, 200}));
  EXPECT_EQ(letterbox({64, 48}, {64, 48}), (Rect{0, 0, 64, 48}));
  EXPECT_TRUE(letterbox({0, 48}, {64, 48}).empty());
}

TEST_F(GlTest, PresentsASurfaceTheRightWayUp) {
  constexpr Size window{20, 16};
  constexpr Size size{6, 4};
  auto canvas = GlCanvas::create().value();
  ASSERT_TRUE(canvas->create_surface(0, size, PixelFormat::xrgb32).has_value());
  const BitmapPtr bitmap = picture(size, 0x102000);
  Copy copy;
  copy.src.source = bitmap;
  copy.src_area = Rect::of(size);
  ASSERT_TRUE(canvas->draw(DrawOp{0, Rect::of(size), {}, copy}).has_value());
  auto presenter = Presenter::create().value();

  // A surfaceless context has no window: a renderbuffer stands in for it.
  GLuint renderbuffer = 0, framebuffer = 0;
  glGenRenderbuffers(1, &renderbuffer);
  glBindRenderbuffer(GL_RENDERBUFFER, renderbuffer);
  glRenderbufferStorage(GL_RENDERBUFFER, GL_RGBA8, window.width, window.height);
  glGenFramebuffers(1, &framebuffer);
  glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
  glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, renderbuffer);
  const Rect where = Rect::of({3, 5}, size);
  ASSERT_TRUE(presenter->present(*canvas, 0, where, window).has_value());
  std::vector<std::uint32_t> pixels(static_cast<std::size_t>(window.width * window.height));
  glReadPixels(0, 0, window.width, window.height, GL_BGRA, GL_UNSIGNED_INT_8_8_8_8_REV,
               pixels.data());
  for (std::int32_t y = 0; y < size.height; ++y) {
    for (std::int32_t x = 0; x < size.width; ++x) {
      const std::int32_t row = window.height - 1 - (where.top + y);
      const std::uint32_t pixel =
          pixels[static_cast<std::size_t>(row * window.width + where.left + x)];
      EXPECT_EQ(pixel & 0xffffff, bitmap->row32(y)[x]) << x << "," << y;
    }
  }
  EXPECT_EQ(presenter->present(*canvas, 9, where, window).error().kind(), ErrorKind::not_found);
  glDeleteFramebuffers(1, &framebuffer);
  glDeleteRenderbuffers(1, &renderbuffer);
}

TEST_F(GlTest, CacheKeepsWhatIsUsedTwiceAndStaysInItsBounds) {
  constexpr Size size{64, 64};  // 16 KiB each
  TextureCache cache(80 << 10);
  std::vector<BitmapPtr> bitmaps;
  for (std::uint32_t i = 0; i < 20; ++i) bitmaps.push_back(picture(size, i));
  EXPECT_EQ(cache.find(bitmaps[0]).value(), nullptr) << "the first time it is not worth it";
  EXPECT_EQ(cache.bytes(), 0u);
  EXPECT_NE(cache.find(bitmaps[0]).value(), nullptr);
  for (const BitmapPtr& bitmap : bitmaps) {
    (void)cache.find(bitmap).value();
    EXPECT_NE(cache.find(bitmap).value(), nullptr);
    EXPECT_LE(cache.bytes(), std::size_t{80} << 10);
  }
  EXPECT_EQ(cache.find(bitmaps[1]).value(), nullptr) << "long gone";
  EXPECT_EQ(cache.find(picture({512, 512}, 0)).value(), nullptr) << "too large to keep";
}

TEST_F(GlTest, ABitmapAtAnOldAddressIsNotMistaken) {
  auto canvas = GlCanvas::create().value();
  constexpr Size size{5, 5};
  ASSERT_TRUE(canvas->create_surface(0, size, PixelFormat::xrgb32).has_value());
  for (std::uint32_t i = 0; i < 50; ++i) {
    const BitmapPtr bitmap = picture(size, i * 1000);
    Copy copy;
    copy.src.source = bitmap;
    copy.src_area = Rect::of(size);
    for (int times = 0; times < 3; ++times) {
      ASSERT_TRUE(canvas->draw(DrawOp{0, Rect::of(size), {}, copy}).has_value());
    }
    ASSERT_TRUE(same_pixels(canvas->read(0, Rect::of(size)).value(), *bitmap));
  }
}

}  // namespace
}  // namespace cassia::raster::gl
