// SPDX-License-Identifier: Apache-2.0
#pragma once

// Messages of the cursor channel. Numbers: SPICE_MSG_CURSOR_*.

#include <cstdint>

#include "protocol/spice/geometry.h"
#include "protocol/wire/fields.h"

namespace cassia::spice {

inline constexpr std::uint16_t cursor_none = 1, cursor_cache_me = 2, cursor_from_cache = 4;

struct CursorImage {
  std::uint16_t flags = cursor_none;
  /// Only without cursor_none:
  std::uint64_t unique = 0;
  std::uint8_t type = 0;
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  std::uint16_t hot_x = 0;
  std::uint16_t hot_y = 0;
  wire::Blob data;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.flags);
    if ((m.flags & cursor_none) == 0) {
      io(m.unique, m.type, m.width, m.height, m.hot_x, m.hot_y);
    }
    io.rest(m.data);
  }
};

struct CursorInit {
  static constexpr const char* name = "cursor init";
  SmallPoint position;
  std::uint16_t trail_length = 0;
  std::uint16_t trail_frequency = 0;
  std::uint8_t visible = 0;
  CursorImage cursor;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.position, m.trail_length, m.trail_frequency, m.visible, m.cursor);
  }
};

struct CursorSet {
  static constexpr const char* name = "cursor set";
  SmallPoint position;
  std::uint8_t visible = 0;
  CursorImage cursor;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.position, m.visible, m.cursor);
  }
};

struct CursorMove {
  static constexpr const char* name = "cursor move";
  SmallPoint position;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.position);
  }
};

struct CursorTrail {
  static constexpr const char* name = "cursor trail";
  std::uint16_t length = 0;
  std::uint16_t frequency = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.length, m.frequency);
  }
};

struct CursorInvalOne {
  static constexpr const char* name = "cursor inval_one";
  std::uint64_t id = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.id);
  }
};

}  // namespace cassia::spice
