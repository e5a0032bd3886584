// SPDX-License-Identifier: Apache-2.0
// Pictures of video as planes: every canvas against to_bitmap(), which is held against a model that
// computes with real numbers.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/conformance/canvas/backends.h"

namespace cassia::raster {
namespace {

struct Memory {
  std::vector<std::uint8_t> bytes[3];
};

/// A smooth picture with noise, as planes of `layout`.
VideoPlanes make_planes(VideoPlanes::Layout layout, Size size, bool between, bool full_range) {
  auto memory = std::make_shared<Memory>();
  VideoPlanes p;
  p.layout = layout;
  p.size = size;
  p.matrix = full_range ? VideoPlanes::Matrix::of(0.299, 0.114, true)
                        : VideoPlanes::Matrix::of(0.2126, 0.0722, false);
  p.colour_between = between;
  const bool pairs = layout == VideoPlanes::Layout::nv12;
  std::uint32_t state = 7;
  for (std::size_t i = 0; i < (pairs ? 2 : 3); ++i) {
    const Size of = i == 0 ? size : p.colour_size();
    const std::int32_t width = i != 0 && pairs ? of.width * 2 : of.width;
    const std::int32_t stride = (width + 7) & ~3;
    memory->bytes[i].resize(static_cast<std::size_t>(stride * of.height));
    for (std::uint8_t& byte : memory->bytes[i]) {
      state = state * 1664525 + 1013904223;
      byte = static_cast<std::uint8_t>(state >> 24);
    }
    p.planes[i] = {memory->bytes[i].data(), stride};
  }
  p.owner = memory;
  return p;
}

struct Case {
  VideoPlanes::Layout layout;
  Size size;
  bool between, full_range, bottom_up;
};
std::vector<Case> cases() {
  std::vector<Case> all;
  for (const auto layout : {VideoPlanes::Layout::i420, VideoPlanes::Layout::nv12}) {
    for (const Size size : {Size{1, 1}, Size{2, 3}, Size{33, 17}, Size{64, 48}}) {
      for (int bits = 0; bits < 8; ++bits) {
        all.push_back({layout, size, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0});
      }
    }
  }
  return all;
}
VideoPlanes planes_of(const Case& c) {
  VideoPlanes p = make_planes(c.layout, c.size, c.between, c.full_range);
  p.bottom_up = c.bottom_up;
  return p;
}

/// A sample of colour at luma's pixel (x, y), by real numbers: a line between neighbours.
double colour(const VideoPlanes& p, int component, std::int32_t x, std::int32_t y) {
  const Size half = p.colour_size();
  const bool pairs = p.layout == VideoPlanes::Layout::nv12;
  const auto at = [&](std::int32_t cx, std::int32_t cy) -> double {
    cx = std::clamp(cx, 0, half.width - 1);
    cy = std::clamp(cy, 0, half.height - 1);
    const auto& plane = p.planes[pairs ? 1 : static_cast<std::size_t>(component)];
    return plane.data[cy * plane.stride + (pairs ? 2 * cx + component - 1 : cx)];
  };
  const double fx = p.colour_between ? (x + 0.5) / 2 - 0.5 : x / 2.0, fy = (y + 0.5) / 2 - 0.5;
  const double x0 = std::floor(fx), y0 = std::floor(fy);
  const auto ix = static_cast<std::int32_t>(x0), iy = static_cast<std::int32_t>(y0);
  const double wx = fx - x0, wy = fy - y0;
  return (at(ix, iy) * (1 - wx) + at(ix + 1, iy) * wx) * (1 - wy) +
         (at(ix, iy + 1) * (1 - wx) + at(ix + 1, iy + 1) * wx) * wy - 128;
}

TEST(VideoPlanesTest, AreConvertedAsTheStandardsHaveIt) {
  for (const Case& c : cases()) {
    const VideoPlanes p = planes_of(c);
    const auto bitmap = to_bitmap(p);
    ASSERT_TRUE(bitmap);
    const double kr = c.full_range ? 0.299 : 0.2126, kb = c.full_range ? 0.114 : 0.0722;
    const double light = c.full_range ? 1 : 255.0 / 219, colours = c.full_range ? 1 : 255.0 / 224;
    for (std::int32_t y = 0; y < c.size.height; ++y) {
      const std::int32_t row = c.bottom_up ? c.size.height - 1 - y : y;
      for (std::int32_t x = 0; x < c.size.width; ++x) {
        const double l =
            light * (p.planes[0].data[row * p.planes[0].stride + x] - (c.full_range ? 0 : 16));
        const double cb = colours * colour(p, 1, x, row), cr = colours * colour(p, 2, x, row);
        const double r = l + 2 * (1 - kr) * cr, b = l + 2 * (1 - kb) * cb;
        const double g = (l - kr * r - kb * b) / (1 - kr - kb);
        int shift = 16;
        for (const double v : {r, g, b}) {
          const auto is = static_cast<int>(bitmap->row32(y)[x] >> shift & 255);
          // Colour is rounded to a whole step first, which counts twice in blue.
          ASSERT_NEAR(is, std::clamp(v, 0.0, 255.0), 2.1) << x << "," << y << " bits " << shift;
          shift -= 8;
        }
      }
    }
  }
}

class VideoConformance : public ::testing::TestWithParam<std::string> {};

TEST_P(VideoConformance, EqualsTheReferenceExactly) {
  const auto backend = conformance::make_backend(GetParam());
  ASSERT_TRUE(backend) << backend.error().message();
  Canvas* const canvas = backend->canvas.get();
  const auto reference = make_reference_canvas();
  for (const PixelFormat format : {PixelFormat::xrgb32, PixelFormat::rgb565}) {
    for (const Case& c : cases()) {
      const VideoPlanes p = planes_of(c);
      const Rect box = Rect::of({5, 3}, c.size);
      Clip clip;
      clip.rects = {{0, 0, 30, 12}, {10, 12, 80, 60}};
      for (Canvas* each : {canvas, reference.get()}) {
        ASSERT_TRUE(each->create_surface(1, {80, 60}, format));
        ASSERT_TRUE(each->draw_video(1, box, clip, p));
      }
      const auto is = canvas->read(1, {0, 0, 80, 60}), should = reference->read(1, {0, 0, 80, 60});
      ASSERT_TRUE(is && should);
      ASSERT_TRUE(same_pixels(*is, *should))
          << c.size.width << "x" << c.size.height << " " << static_cast<int>(c.layout) << c.between
          << c.full_range << c.bottom_up;
      EXPECT_EQ(canvas->take_damage(1).rects(), reference->take_damage(1).rects());
    }
  }
  EXPECT_FALSE(canvas->draw_video(99, {0, 0, 2, 2}, {}, planes_of(cases().front())));
}

INSTANTIATE_TEST_SUITE_P(All, VideoConformance, ::testing::ValuesIn(conformance::backend_names()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace cassia::raster
