// SPDX-License-Identifier: Apache-2.0
#include "client/ui/triangle.h"

#include <algorithm>
#include <cmath>

namespace cassia::client {
namespace {

// Positions are snapped to 1/256 pixel, so that the edge functions are exact integers and two
// triangles that share an edge neither overlap nor leave a gap.
constexpr std::int64_t unit = 256;

struct Fixed {
  std::int64_t x;
  std::int64_t y;
};

Fixed snap(const TriangleVertex& v) {
  // Far outside the window is as good as just outside; keeps the products within 64 bits.
  const auto fix = [](float at) {
    return static_cast<std::int64_t>(std::lround(std::clamp(at, -32768.0f, 32768.0f) * unit));
  };
  return {fix(v.x), fix(v.y)};
}

// Twice the signed area of (from, to, p): positive on the inner side of a clockwise edge (y down).
struct Edge {
  Edge(Fixed from, Fixed to)
      : dx(to.x - from.x), dy(to.y - from.y), origin(from), bias(owns_its_pixels() ? 0 : -1) {}

  std::int64_t at(std::int64_t x, std::int64_t y) const {
    return dx * (y - origin.y) - dy * (x - origin.x);
  }
  bool inside(std::int64_t value) const { return value + bias >= 0; }
  bool owns_its_pixels() const { return dy < 0 || (dy == 0 && dx > 0); }  // left or top edge

  std::int64_t dx, dy;
  Fixed origin;
  std::int64_t bias;
};

struct Texel {
  const CoverageTexture& texture;
  // Bilinear, as a GPU samples ImGui's atlas: glyphs at whole pixels hit texel centres exactly.
  float at(float u, float v) const {
    const float x = u * static_cast<float>(texture.size.width) - 0.5f;
    const float y = v * static_cast<float>(texture.size.height) - 0.5f;
    const float fx = std::floor(x), fy = std::floor(y);
    const int x0 = static_cast<int>(fx), y0 = static_cast<int>(fy);
    const float ax = x - fx, ay = y - fy;
    const float top = fetch(x0, y0) * (1 - ax) + fetch(x0 + 1, y0) * ax;
    const float bottom = fetch(x0, y0 + 1) * (1 - ax) + fetch(x0 + 1, y0 + 1) * ax;
    return top * (1 - ay) + bottom * ay;
  }
  float fetch(int x, int y) const {
    x = std::clamp(x, 0, texture.size.width - 1);
    y = std::clamp(y, 0, texture.size.height - 1);
    return static_cast<float>(texture.texels[static_cast<std::size_t>(y) * texture.size.width + x]);
  }
};

struct Channels {
  float r, g, b, a;
};
Channels split(std::uint32_t color) {
  return {static_cast<float>(color & 0xFF), static_cast<float>((color >> 8) & 0xFF),
          static_cast<float>((color >> 16) & 0xFF), static_cast<float>(color >> 24)};
}

std::uint32_t blend(std::uint32_t below, const Channels& c, float alpha) {
  const auto mix = [alpha](std::uint32_t d, float s) {
    const float out = static_cast<float>(d) + (s - static_cast<float>(d)) * alpha;
    return static_cast<std::uint32_t>(std::clamp(out + 0.5f, 0.0f, 255.0f));
  };
  return (below & 0xFF000000u) | (mix((below >> 16) & 0xFF, c.r) << 16) |
         (mix((below >> 8) & 0xFF, c.g) << 8) | mix(below & 0xFF, c.b);
}

// A quantity given at the corners, weighted at a pixel.
float weigh(float a, float b, float c, float wa, float wb, float wc) {
  return a * wa + b * wb + c * wc;
}

class Filler {
 public:
  Filler(const CoverageTexture& texture, const TriangleVertex& a, const TriangleVertex& b,
         const TriangleVertex& c)
      : texel_{texture}, a_(a), b_(b), c_(c) {
    flat_color_ = a.color == b.color && b.color == c.color;
    flat_texel_ = a.u == b.u && b.u == c.u && a.v == b.v && b.v == c.v;
    color_ = split(a.color);
    coverage_ = texel_.at(a.u, a.v);
  }

  void pixel(std::uint32_t& out, float wa, float wb, float wc) const {
    Channels color = color_;
    if (!flat_color_) {
      const Channels ca = split(a_.color), cb = split(b_.color), cc = split(c_.color);
      color = {weigh(ca.r, cb.r, cc.r, wa, wb, wc), weigh(ca.g, cb.g, cc.g, wa, wb, wc),
               weigh(ca.b, cb.b, cc.b, wa, wb, wc), weigh(ca.a, cb.a, cc.a, wa, wb, wc)};
    }
    const float coverage = flat_texel_ ? coverage_
                                       : texel_.at(weigh(a_.u, b_.u, c_.u, wa, wb, wc),
                                                   weigh(a_.v, b_.v, c_.v, wa, wb, wc));
    const float alpha = color.a * coverage / (255.0f * 255.0f);
    if (alpha > 0) out = blend(out, color, alpha);
  }

 private:
  Texel texel_;
  const TriangleVertex &a_, &b_, &c_;
  bool flat_color_, flat_texel_;
  Channels color_;
  float coverage_;
};

raster::Rect bounds_of(Fixed a, Fixed b, Fixed c) {
  const auto low = [](std::int64_t p, std::int64_t q, std::int64_t r) {
    return static_cast<std::int32_t>(std::floor(static_cast<double>(std::min({p, q, r})) / unit));
  };
  const auto high = [](std::int64_t p, std::int64_t q, std::int64_t r) {
    return static_cast<std::int32_t>(std::ceil(static_cast<double>(std::max({p, q, r})) / unit));
  };
  return {low(a.x, b.x, c.x), low(a.y, b.y, c.y), high(a.x, b.x, c.x), high(a.y, b.y, c.y)};
}

}  // namespace

void draw_triangle(TriangleTarget& target, const CoverageTexture& texture, const TriangleVertex& a,
                   const TriangleVertex& b, const TriangleVertex& c) {
  const Fixed pa = snap(a), pb = snap(b), pc = snap(c);
  const std::int64_t area = Edge(pa, pb).at(pc.x, pc.y);
  if (area == 0) return;
  if (area < 0) return draw_triangle(target, texture, a, c, b);

  const raster::Rect box = bounds_of(pa, pb, pc).intersected(target.clip);
  const Edge bc(pb, pc), ca(pc, pa), ab(pa, pb);
  const Filler filler(texture, a, b, c);
  const float scale = 1.0f / static_cast<float>(area);
  for (std::int32_t y = box.top; y < box.bottom; ++y) {
    std::uint32_t* row = target.pixels.row32(y);
    const std::int64_t cy = std::int64_t{y} * unit + unit / 2;
    for (std::int32_t x = box.left; x < box.right; ++x) {
      const std::int64_t cx = std::int64_t{x} * unit + unit / 2;
      const std::int64_t ea = bc.at(cx, cy), eb = ca.at(cx, cy), ec = ab.at(cx, cy);
      if (!bc.inside(ea) || !ca.inside(eb) || !ab.inside(ec)) continue;
      filler.pixel(row[x], static_cast<float>(ea) * scale, static_cast<float>(eb) * scale,
                   static_cast<float>(ec) * scale);
    }
  }
}

}  // namespace cassia::client
