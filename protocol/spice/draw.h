// SPDX-License-Identifier: Apache-2.0
#pragma once

// The draw messages of the display channel. Numbers: SPICE_MSG_DISPLAY_DRAW_* and COPY_BITS.

#include <cstdint>
#include <optional>
#include <vector>

#include "protocol/spice/geometry.h"
#include "protocol/spice/image.h"

namespace cassia::spice {

/// Common to all: where a draw lands.
struct DrawBase {
  std::uint32_t surface = 0;
  Rect box;
  Clip clip;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.surface, m.box, m.clip);
  }
};

struct Brush {
  std::uint8_t type = 0;    ///< SPICE_BRUSH_TYPE_*: 0 none, 1 solid, 2 pattern
  std::uint32_t color = 0;  ///< solid
  std::optional<Image> pattern;
  Point pattern_pos;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.type);
    if (m.type == 1) io(m.color);
    if (m.type == 2) {
      io.pointer(m.pattern);
      io.require(m.pattern.has_value(), "a brush has no pattern");
      io(m.pattern_pos);
    }
    io.require(m.type <= 2, "a brush has an unknown type");
  }
};

struct QMask {
  std::uint8_t flags = 0;  ///< 1: inverse
  Point pos;
  std::optional<Image> bitmap;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.flags, m.pos);
    io.pointer(m.bitmap);
  }
};

struct CopyBits {
  static constexpr const char* name = "copy_bits";
  DrawBase base;
  Point src;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.base, m.src);
  }
};

struct DrawFill {
  static constexpr const char* name = "draw_fill";
  DrawBase base;
  Brush brush;
  std::uint16_t rop = 0;
  QMask mask;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.base, m.brush, m.rop, m.mask);
  }
};

struct DrawOpaque {
  static constexpr const char* name = "draw_opaque";
  DrawBase base;
  std::optional<Image> src;
  Rect src_area;
  Brush brush;
  std::uint16_t rop = 0;
  std::uint8_t scale_mode = 0;
  QMask mask;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.base);
    io.pointer(m.src);
    io(m.src_area, m.brush, m.rop, m.scale_mode, m.mask);
  }
};

/// DRAW_COPY and DRAW_BLEND.
struct DrawCopy {
  static constexpr const char* name = "draw_copy";
  DrawBase base;
  std::optional<Image> src;
  Rect src_area;
  std::uint16_t rop = 0;
  std::uint8_t scale_mode = 0;
  QMask mask;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.base);
    io.pointer(m.src);
    io(m.src_area, m.rop, m.scale_mode, m.mask);
  }
};

/// DRAW_BLACKNESS, DRAW_WHITENESS, DRAW_INVERS.
struct DrawMasked {
  static constexpr const char* name = "draw_blackness, whiteness or invers";
  DrawBase base;
  QMask mask;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.base, m.mask);
  }
};

struct DrawRop3 {
  static constexpr const char* name = "draw_rop3";
  DrawBase base;
  std::optional<Image> src;
  Rect src_area;
  Brush brush;
  std::uint8_t rop3 = 0;
  std::uint8_t scale_mode = 0;
  QMask mask;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.base);
    io.pointer(m.src);
    io(m.src_area, m.brush, m.rop3, m.scale_mode, m.mask);
  }
};

struct DrawTransparent {
  static constexpr const char* name = "draw_transparent";
  DrawBase base;
  std::optional<Image> src;
  Rect src_area;
  std::uint32_t src_color = 0;
  std::uint32_t true_color = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.base);
    io.pointer(m.src);
    io(m.src_area, m.src_color, m.true_color);
  }
};

struct DrawAlphaBlend {
  static constexpr const char* name = "draw_alpha_blend";
  DrawBase base;
  std::uint8_t alpha_flags = 0;  ///< 1: the destination has alpha; 2: the source surface has
  std::uint8_t alpha = 255;
  std::optional<Image> src;
  Rect src_area;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.base, m.alpha_flags, m.alpha);
    io.pointer(m.src);
    io(m.src_area);
  }
};

struct PathSegment {
  std::uint8_t flags = 0;     ///< SPICE_PATH_*
  std::vector<Point> points;  ///< 28.4
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.flags);
    io.template list<std::uint32_t>(m.points, 1u << 20, 8);
  }
};

struct DrawStroke {
  static constexpr const char* name = "draw_stroke";
  static constexpr std::uint8_t start_with_gap = 4, styled = 8;  // SPICE_LINE_FLAGS_*
  DrawBase base;
  std::vector<PathSegment> path;
  std::uint8_t line_flags = 0;
  std::vector<std::int32_t> dashes;  ///< 28.4; only if styled
  Brush brush;
  std::uint16_t fore_mode = 0;
  std::uint16_t back_mode = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.base);
    io.pointer_to([&m](auto& sub) { sub.template list<std::uint32_t>(m.path, 1u << 20, 5); });
    io(m.line_flags);
    if ((m.line_flags & styled) != 0) {
      auto count = static_cast<std::uint8_t>(m.dashes.size());
      io(count);
      io.pointer_to([&m, count](auto& sub) { sub.elements(m.dashes, count, 255, 4); });
    }
    io(m.brush, m.fore_mode, m.back_mode);
  }
};

struct Glyph {
  Point render_pos;
  Point origin;
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  wire::Blob data;
};

struct DrawText {
  static constexpr const char* name = "draw_text";
  DrawBase base;
  std::uint8_t string_flags = 1;  ///< SPICE_STRING_FLAGS_*: 1 A1, 2 A4, 4 A8, 8 top down
  std::vector<Glyph> glyphs;
  Rect back_area;
  Brush fore_brush;
  Brush back_brush;
  std::uint16_t fore_mode = 0;
  std::uint16_t back_mode = 0;

  /// Bits of alpha in a pixel of a glyph; 0 if the flags say none or several.
  static unsigned depth(std::uint8_t flags) {
    switch (flags & 7) {
      case 1:
        return 1;
      case 2:
        return 4;
      case 4:
        return 8;
      default:
        return 0;
    }
  }

  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.base);
    io.pointer_to([&m](auto& sub) { string_fields(sub, m); });
    io(m.back_area, m.fore_brush, m.back_brush, m.fore_mode, m.back_mode);
  }

 private:
  template <class Io, class Self>
  static void string_fields(Io& io, Self& m) {
    auto count = static_cast<std::uint16_t>(m.glyphs.size());
    io(count, m.string_flags);
    const unsigned bits = depth(m.string_flags);
    if (!io.require(bits != 0, "the glyphs have no depth")) return;
    if constexpr (Io::reading) {
      constexpr std::size_t glyph_header = 20;
      if (!io.require(count * glyph_header <= io.reader().remaining(), "the glyphs are cut off")) {
        return;
      }
      m.glyphs.resize(count);
    }
    for (auto& glyph : m.glyphs) {
      io(glyph.render_pos, glyph.origin, glyph.width, glyph.height);
      io.blob(glyph.data, std::uint64_t{(glyph.width * bits + 7) / 8} * glyph.height);
    }
  }
};

/// 2x3 matrix, 16.16, rows first.
struct Transform {
  std::int32_t m00 = 65536, m01 = 0, m02 = 0;
  std::int32_t m10 = 0, m11 = 65536, m12 = 0;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.m00, m.m01, m.m02, m.m10, m.m11, m.m12);
  }
};

struct DrawComposite {
  static constexpr const char* name = "draw_composite";
  // SPICE_COMPOSITE_HAS_*
  static constexpr std::uint32_t has_mask = 1u << 19, has_src_transform = 1u << 20,
                                 has_mask_transform = 1u << 21;
  DrawBase base;
  std::uint32_t flags = 0;
  std::optional<Image> src;
  std::optional<Image> mask;
  Transform src_transform;
  Transform mask_transform;
  SmallPoint src_origin;
  SmallPoint mask_origin;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.base, m.flags);
    io.pointer(m.src);
    if ((m.flags & has_mask) != 0) io.pointer(m.mask);
    if ((m.flags & has_src_transform) != 0) io(m.src_transform);
    if ((m.flags & has_mask_transform) != 0) io(m.mask_transform);
    io(m.src_origin, m.mask_origin);
  }
};

}  // namespace cassia::spice
