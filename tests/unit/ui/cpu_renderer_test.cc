// SPDX-License-Identifier: Apache-2.0
#include "client/ui/cpu_renderer.h"

#include <gtest/gtest.h>
#include <imgui.h>

#include <cmath>

#include "client/ui/gui.h"

namespace cassia::client {
namespace {

using raster::Bitmap;
using raster::PixelFormat;
using raster::Rect;
using raster::Region;
using raster::Size;

class CpuRendererTest : public testing::Test {
 protected:
  void SetUp() override {
    gui_ = std::move(*Gui::create());
    renderer_.emplace(*CpuRenderer::create());
  }

  template <class Draw>
  const ImDrawData& frame(Draw&& draw) {
    gui_->begin_frame(size_, clock_.now());
    draw(*ImGui::GetForegroundDrawList());
    return gui_->end_frame();
  }

  const Size size_{64, 48};
  ManualClock clock_;
  std::unique_ptr<Gui> gui_;
  std::optional<CpuRenderer> renderer_;
  Bitmap bitmap_ = *Bitmap::create_cleared(size_, PixelFormat::xrgb32);
};

TEST_F(CpuRendererTest, FilledRectangle) {
  const ImDrawData& data = frame([](ImDrawList& list) {
    list.AddRectFilled({10, 5}, {30, 20}, IM_COL32(1, 2, 3, 255));
  });
  renderer_->render(data, bitmap_, Region(Rect::of(size_)));
  for (int y = 0; y < size_.height; ++y) {
    for (int x = 0; x < size_.width; ++x) {
      const bool inside = Rect{10, 5, 30, 20}.contains(raster::Point{x, y});
      ASSERT_EQ(bitmap_.row32(y)[x] & 0xFFFFFF, inside ? 0x010203u : 0u) << x << "," << y;
    }
  }
}

TEST_F(CpuRendererTest, GlyphsAreTheAtlasPixelForPixel) {
  const ImDrawData& data = frame([](ImDrawList& list) {
    list.AddText({8, 8}, IM_COL32(255, 255, 255, 255), "g");
  });
  renderer_->render(data, bitmap_, Region(Rect::of(size_)));

  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  unsigned char* texels = nullptr;
  int width = 0, height = 0;
  atlas.GetTexDataAsAlpha8(&texels, &width, &height);
  const ImFontGlyph& glyph = *ImGui::GetFont()->FindGlyph('g');
  const int left = static_cast<int>(std::lround(glyph.U0 * width));
  const int top = static_cast<int>(std::lround(glyph.V0 * height));
  int lit = 0;
  for (int y = 0; y < static_cast<int>(glyph.Y1 - glyph.Y0); ++y) {
    for (int x = 0; x < static_cast<int>(glyph.X1 - glyph.X0); ++x) {
      const std::uint32_t texel = texels[(top + y) * width + left + x];
      const std::uint32_t pixel =
          bitmap_.row32(8 + static_cast<int>(glyph.Y0) + y)[8 + static_cast<int>(glyph.X0) + x];
      EXPECT_EQ(pixel & 0xFF, texel) << x << "," << y;
      lit += texel > 0;
    }
  }
  EXPECT_GT(lit, 5);
}

TEST_F(CpuRendererTest, TouchesOnlyTheDamage) {
  const ImDrawData& data = frame([](ImDrawList& list) {
    list.AddRectFilled({0, 0}, {64, 48}, IM_COL32(255, 255, 255, 255));
  });
  Region damage(Rect{1, 1, 3, 3});
  damage.add(Rect{40, 40, 41, 41});
  renderer_->render(data, bitmap_, damage);
  int lit = 0;
  for (int y = 0; y < size_.height; ++y) {
    for (int x = 0; x < size_.width; ++x) lit += (bitmap_.row32(y)[x] & 0xFFFFFF) != 0;
  }
  EXPECT_EQ(lit, 5);
}

TEST_F(CpuRendererTest, FingerprintTellsFramesApart) {
  const auto draw_at = [this](float x) {
    return fingerprint(frame([x](ImDrawList& list) { list.AddRectFilled({x, 5}, {30, 20}, ~0u); }));
  };
  const std::uint64_t one = draw_at(10);
  EXPECT_EQ(draw_at(10), one);
  EXPECT_NE(draw_at(11), one);
}

TEST_F(CpuRendererTest, CoveredRegionHoldsWhatIsDrawn) {
  const ImDrawData& data = frame([](ImDrawList& list) {
    list.PushClipRect({10, 10}, {20, 20});
    list.AddRectFilled({0, 0}, {64, 48}, ~0u);
    list.PopClipRect();
  });
  EXPECT_EQ(covered_region(data, size_).bounds(), (Rect{10, 10, 20, 20}));
}

}  // namespace
}  // namespace cassia::client
