// SPDX-License-Identifier: Apache-2.0
#pragma once

// Points, rectangles and clips as they stand in display messages.

#include <cstdint>
#include <vector>

#include "protocol/wire/fields.h"

namespace cassia::spice {

/// Coordinates beyond this are refused, so that differences of two never overflow.
inline constexpr std::int32_t max_coordinate = 1 << 29;

struct Point {
  std::int32_t x = 0;
  std::int32_t y = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.x, m.y);
    io.require(m.x >= -max_coordinate && m.x <= max_coordinate && m.y >= -max_coordinate &&
                   m.y <= max_coordinate,
               "a point is out of range");
  }
};

struct SmallPoint {
  std::int16_t x = 0;
  std::int16_t y = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.x, m.y);
  }
};

struct Rect {
  std::int32_t top = 0;
  std::int32_t left = 0;
  std::int32_t bottom = 0;
  std::int32_t right = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.top, m.left, m.bottom, m.right);
    const auto in_range = [](std::int32_t v) {
      return v >= -max_coordinate && v <= max_coordinate;
    };
    io.require(in_range(m.top) && in_range(m.left) && in_range(m.bottom) && in_range(m.right),
               "a rectangle is out of range");
  }
};

struct Clip {
  std::uint8_t type = 0;  ///< SPICE_CLIP_TYPE_*: 0 none, 1 rects
  std::vector<Rect> rects;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.type);
    if (m.type == 1) io.template list<std::uint32_t>(m.rects, 1u << 16, 16);
  }
};

}  // namespace cassia::spice
