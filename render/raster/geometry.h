// SPDX-License-Identifier: Apache-2.0
#pragma once

// Points and rectangles in pixels, y downwards. A Rect holds the pixels left <= x < right,
// top <= y < bottom, as SPICE's does (struct SpiceRect is top, left, bottom, right on the wire).

#include <algorithm>
#include <cstdint>

namespace cassia::raster {

struct Point {
  std::int32_t x = 0;
  std::int32_t y = 0;
  bool operator==(const Point&) const = default;
};

struct Size {
  std::int32_t width = 0;
  std::int32_t height = 0;
  bool empty() const { return width <= 0 || height <= 0; }
  bool operator==(const Size&) const = default;
};

struct Rect {
  std::int32_t left = 0;
  std::int32_t top = 0;
  std::int32_t right = 0;
  std::int32_t bottom = 0;

  static Rect of(Point origin, Size size) {
    return {origin.x, origin.y, origin.x + size.width, origin.y + size.height};
  }
  static Rect of(Size size) { return {0, 0, size.width, size.height}; }

  /// Meaningful only for rectangles whose sides fit an int32 (the parsers guarantee it).
  std::int32_t width() const { return right - left; }
  std::int32_t height() const { return bottom - top; }
  Size size() const { return {width(), height()}; }
  Point origin() const { return {left, top}; }
  bool empty() const { return right <= left || bottom <= top; }

  bool contains(Point p) const { return p.x >= left && p.x < right && p.y >= top && p.y < bottom; }
  bool contains(const Rect& r) const {
    return r.left >= left && r.right <= right && r.top >= top && r.bottom <= bottom;
  }
  bool intersects(const Rect& r) const { return !intersected(r).empty(); }
  /// The common pixels; an empty Rect if there are none.
  Rect intersected(const Rect& r) const {
    return {std::max(left, r.left), std::max(top, r.top), std::min(right, r.right),
            std::min(bottom, r.bottom)};
  }
  /// The smallest Rect that holds both; an empty one does not count.
  Rect united(const Rect& r) const {
    if (empty()) return r;
    if (r.empty()) return *this;
    return {std::min(left, r.left), std::min(top, r.top), std::max(right, r.right),
            std::max(bottom, r.bottom)};
  }
  Rect translated(std::int32_t dx, std::int32_t dy) const {
    return {left + dx, top + dy, right + dx, bottom + dy};
  }
  bool operator==(const Rect&) const = default;
};

}  // namespace cassia::raster
