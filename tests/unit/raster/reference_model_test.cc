// SPDX-License-Identifier: Apache-2.0
// The reference canvas against the plainest model there is: one pixel at a time, from the
// protocol's words. Whatever the model covers is thereby right on every canvas that passes the
// conformance suite.

#include <gtest/gtest.h>

#include <random>

#include "render/raster/canvas.h"
#include "render/raster/pixel_ops.h"

namespace cassia::raster {
namespace {

constexpr Size size{43, 31};

std::uint32_t bits_of(PixelFormat format) {
  const int bits = bits_per_pixel(format);
  return bits == 32 ? ~0u : (1u << bits) - 1;
}

std::uint32_t model_rop3(std::uint8_t code, std::uint32_t p, std::uint32_t s, std::uint32_t d) {
  std::uint32_t result = 0;
  for (int bit = 0; bit < 32; ++bit) {
    const unsigned index = ((p >> bit) & 1) * 4 + ((s >> bit) & 1) * 2 + ((d >> bit) & 1);
    result |= ((code >> index) & 1u) << bit;
  }
  return result;
}

/// `rop` of S and D does not depend on P: the same four bits twice.
std::uint32_t model_rop(Rop rop, std::uint32_t s, std::uint32_t d) {
  const unsigned code = static_cast<unsigned>(rop);
  return model_rop3(static_cast<std::uint8_t>(code | code << 4), 0, s, d);
}

class Model : public testing::TestWithParam<PixelFormat> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(canvas_->create_surface(0, size, GetParam()).has_value());
    run(Copy{picture(size), Rect::of(size)}, Rect::of(size), {});
  }

  int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
  int between(int low, int high) { return low + below(high - low + 1); }

  ImageRef picture(Size wanted, PixelFormat format) {
    Bitmap bitmap = Bitmap::create_cleared(wanted, format).value();
    for (std::int32_t y = 0; y < wanted.height; ++y) {
      for (std::int32_t x = 0; x < wanted.width; ++x) {
        set_pixel(bitmap, {x, y}, static_cast<std::uint32_t>(random_()));
      }
    }
    ImageRef image;
    image.source = std::make_shared<const Bitmap>(std::move(bitmap));
    return image;
  }
  ImageRef picture(Size wanted) { return picture(wanted, GetParam()); }

  Rect box() {
    return Rect::of({between(-9, 40), between(-9, 30)}, {between(0, 30), between(0, 25)});
  }
  Clip clip() {
    Clip clip;
    if (below(2) == 0) clip.rects = {box(), box()};
    return clip;
  }
  Mask mask() {
    Mask mask;
    if (below(2) == 0) return mask;
    mask.image = picture({between(1, 40), between(1, 30)}, PixelFormat::a1);
    mask.origin = {between(-5, 10), between(-5, 10)};
    mask.inverse = below(2) == 0;
    return mask;
  }

  void run(Operation operation, const Rect& box, const Clip& clip) {
    DrawOp op{0, box, clip, std::move(operation)};
    ASSERT_TRUE(canvas_->draw(op).has_value());
  }

  static bool may_draw(Point p, const Rect& box, const Clip& clip, const Mask& mask) {
    if (!box.contains(p)) return false;
    if (clip.rects) {
      bool inside = false;
      for (const Rect& r : *clip.rects) inside = inside || r.contains(p);
      if (!inside) return false;
    }
    if (mask.image.none()) return true;
    const Bitmap& bits = *mask.image.bitmap();
    const Point at{p.x - box.left + mask.origin.x, p.y - box.top + mask.origin.y};
    if (!Rect::of(bits.size()).contains(at)) return false;
    return (pixel_at(bits, at) != 0) != mask.inverse;
  }

  /// Compares the surface with `before` changed by `value(point, old)` where the draw may draw.
  template <class Value>
  void expect(const Bitmap& before, const Rect& box, const Clip& clip, const Mask& mask,
              Value&& value) {
    const Bitmap after = canvas_->read(0, Rect::of(size)).value();
    for (std::int32_t y = 0; y < size.height; ++y) {
      for (std::int32_t x = 0; x < size.width; ++x) {
        const std::uint32_t old = pixel_at(before, {x, y});
        const bool draws = may_draw({x, y}, box, clip, mask);
        const std::uint32_t want = (draws ? value(Point{x, y}, old) : old) & bits_of(GetParam());
        ASSERT_EQ(pixel_at(after, {x, y}), want) << "at " << x << "," << y;
      }
    }
  }

  Bitmap now() { return canvas_->read(0, Rect::of(size)).value(); }

  std::unique_ptr<Canvas> canvas_ = make_reference_canvas();
  std::mt19937 random_{7};
};

std::uint32_t tile_pixel(const Pattern& pattern, Point p) {
  const Bitmap& tile = *pattern.image.bitmap();
  int x = (p.x - pattern.origin.x) % tile.width(), y = (p.y - pattern.origin.y) % tile.height();
  if (x < 0) x += tile.width();
  if (y < 0) y += tile.height();
  return pixel_at(tile, {x, y});
}

TEST_P(Model, Fill) {
  for (int i = 0; i < 200; ++i) {
    const Rop rop = static_cast<Rop>(i % 16);
    const Rect where = box();
    const Clip limits = clip();
    const Mask bits = mask();
    const Bitmap before = now();
    const Pattern pattern{picture({between(1, 9), between(1, 9)}),
                          {between(-20, 50), between(-20, 50)}};
    const Color color = static_cast<Color>(random_());
    const bool solid = below(2) == 0;
    run(Fill{solid ? Brush(color) : Brush(pattern), rop, bits}, where, limits);
    expect(before, where, limits, bits, [&](Point p, std::uint32_t old) {
      return model_rop(rop, solid ? color : tile_pixel(pattern, p), old);
    });
  }
}

TEST_P(Model, CopyAndOpaque) {
  for (int i = 0; i < 200; ++i) {
    const Rop rop = static_cast<Rop>(i % 16);
    const Rect where = box();
    const Clip limits = clip();
    const Mask bits = mask();
    const Point origin{below(5), below(5)};
    const ImageRef image = picture({where.width() + 6, where.height() + 6});
    const Rect area = Rect::of(origin, where.size());
    if (where.empty()) continue;
    const Bitmap before = now();
    const bool opaque = below(2) == 0;
    const Color color = static_cast<Color>(random_());
    if (opaque) {
      run(Opaque{image, area, color, rop, ScaleMode::nearest, bits}, where, limits);
    } else {
      run(Copy{image, area, rop, ScaleMode::nearest, bits}, where, limits);
    }
    expect(before, where, limits, bits, [&](Point p, std::uint32_t old) {
      const std::uint32_t s =
          pixel_at(*image.bitmap(), {p.x - where.left + origin.x, p.y - where.top + origin.y});
      return opaque ? model_rop(rop, color, s) : model_rop(rop, s, old);
    });
  }
}

TEST_P(Model, AllTernaryCodes) {
  for (int code = 0; code < 256; ++code) {
    const Rect where = box();
    if (where.empty()) continue;
    const Clip limits = clip();
    const Mask bits = mask();
    const ImageRef image = picture(where.size());
    const Pattern pattern{picture({3, 5}), {between(-9, 9), between(-9, 9)}};
    const Bitmap before = now();
    run(Rop3{image, Rect::of(where.size()), pattern, static_cast<std::uint8_t>(code),
             ScaleMode::nearest, bits},
        where, limits);
    expect(before, where, limits, bits, [&](Point p, std::uint32_t old) {
      const std::uint32_t s = pixel_at(*image.bitmap(), {p.x - where.left, p.y - where.top});
      return model_rop3(static_cast<std::uint8_t>(code), tile_pixel(pattern, p), s, old);
    });
  }
}

TEST_P(Model, CopyBitsOverlaps) {
  for (int i = 0; i < 200; ++i) {
    const Rect where = box();
    const Clip limits = clip();
    const Point offset{between(-12, 12), between(-12, 12)};
    const Bitmap before = now();
    run(CopyBits{{where.left - offset.x, where.top - offset.y}}, where, limits);
    expect(before, where, limits, {}, [&](Point p, std::uint32_t old) {
      const Point from{p.x - offset.x, p.y - offset.y};
      return Rect::of(size).contains(from) ? pixel_at(before, from) : old;
    });
  }
}

TEST_P(Model, CopyFromItselfWorksAsThroughACopy) {
  for (int i = 0; i < 100; ++i) {
    const Rect where = box();
    if (where.empty()) continue;
    const Rop rop = static_cast<Rop>(i % 16);
    const Point origin{below(15), below(12)};
    ImageRef self;
    self.source = SurfaceSource{0};
    const Bitmap before = now();
    run(Copy{self, Rect::of(origin, where.size()), rop}, where, {});
    expect(before, where, {}, {}, [&](Point p, std::uint32_t old) {
      const Point from{p.x - where.left + origin.x, p.y - where.top + origin.y};
      return Rect::of(size).contains(from) ? model_rop(rop, pixel_at(before, from), old) : old;
    });
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, Model,
                         testing::Values(PixelFormat::a1, PixelFormat::a8, PixelFormat::rgb555,
                                         PixelFormat::rgb565, PixelFormat::xrgb32,
                                         PixelFormat::argb32));

}  // namespace
}  // namespace cassia::raster
