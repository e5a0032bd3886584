// SPDX-License-Identifier: Apache-2.0
#pragma once

// One draw command, immutable once made: what the guest asked for, independent of the wire.
// The same DrawOp is applied to the server's authoritative surfaces, queued for every viewer and
// executed by the viewer's canvas. Source: spice-protocol's enums.h and SPICE's display messages.

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "render/raster/geometry.h"
#include "render/raster/image.h"

namespace cassia::raster {

/// 0x00RRGGBB for 32-bit surfaces; for 16-bit surfaces the pixel value of the surface.
using Color = std::uint32_t;

/// The sixteen binary raster operations of source S (an image or brush) and destination D.
enum class Rop : std::uint8_t {
  clear,
  nor,
  and_inverted,
  copy_inverted,
  and_reverse,
  invert,
  exclusive_or,
  nand,
  and_,
  equiv,
  noop,
  or_inverted,
  copy,
  or_reverse,
  or_,
  set,
};
/// The value of bit i of the enumerator is the result for (S,D) = (i>>1, i&1).
/// clear=0: 0; nor=1: ~(S|D); and_inverted=2: ~S&D; copy_inverted=3: ~S; and_reverse=4: S&~D;
/// invert=5: ~D; xor=6; nand=7; and=8; equiv=9: ~(S^D); noop=10: D; or_inverted=11: ~S|D;
/// copy=12: S; or_reverse=13: S|~D; or=14; set=15.

enum class ScaleMode : std::uint8_t { interpolate, nearest };  // enum SpiceImageScaleMode

/// What a drawing is limited to, besides its box. No rects: not limited.
struct Clip {
  std::optional<std::vector<Rect>> rects;
};

/// A pattern repeats `image`, whose pixel (0,0) lies at `origin` of the destination surface.
struct Pattern {
  ImageRef image;
  Point origin;
};
using Brush = std::variant<std::monostate, Color, Pattern>;

/// A 1-bit picture: draw only where its bits are 1 (0 if `inverse`). `origin` is the mask's pixel
/// that falls on the top left corner of the operation's box.
struct Mask {
  ImageRef image;
  Point origin;
  bool inverse = false;
};

struct Fill {
  Brush brush;
  Rop rop = Rop::copy;
  Mask mask;
};
struct Copy {
  ImageRef src;
  Rect src_area;
  Rop rop = Rop::copy;
  ScaleMode scale = ScaleMode::interpolate;
  Mask mask;
};
/// As Copy; kept apart because the wire does.
struct Blend {
  ImageRef src;
  Rect src_area;
  Rop rop = Rop::copy;
  ScaleMode scale = ScaleMode::interpolate;
  Mask mask;
};
/// The source replaces the destination, then the brush is combined with it by `rop`.
struct Opaque {
  ImageRef src;
  Rect src_area;
  Brush brush;
  Rop rop = Rop::copy;
  ScaleMode scale = ScaleMode::interpolate;
  Mask mask;
};
struct CopyBits {
  Point src;
};  ///< within the surface; overlap behaves as if through a copy
struct Blackness {
  Mask mask;
};
struct Whiteness {
  Mask mask;
};
struct Invers {
  Mask mask;
};
struct Rop3 {
  ImageRef src;
  Rect src_area;
  Brush brush;
  std::uint8_t rop3 = 0;
  ScaleMode scale = ScaleMode::interpolate;
  Mask mask;
};
struct Transparent {
  ImageRef src;
  Rect src_area;
  Color key = 0;
  Color true_key = 0;
};
struct AlphaBlend {
  ImageRef src;
  Rect src_area;
  std::uint8_t alpha = 255;
  bool src_surface_has_alpha = false;
  bool dest_has_alpha = false;
};

/// 28.4 fixed point, as on the wire.
struct FixedPoint {
  std::int32_t x = 0;
  std::int32_t y = 0;
};
struct PathSegment {
  std::uint8_t flags = 0;
  std::vector<FixedPoint> points;
};
struct Stroke {
  std::vector<PathSegment> path;
  std::vector<std::int32_t> dashes;  ///< 28.4 lengths; empty: solid line
  std::int32_t dash_start = 0;
  bool dash_starts_with_gap = false;
  Brush brush;
  Rop fore_rop = Rop::copy;
  Rop back_rop = Rop::noop;
};

struct Glyph {
  Point render_pos;
  Point origin;
  Size size;
  Bytes bits;  ///< rows of `Text::depth` bits a pixel, each padded to a byte, top row first
};
struct Text {
  std::uint8_t depth = 1;  ///< 1, 4 or 8 bits of alpha a pixel
  std::vector<Glyph> glyphs;
  Rect back_area;
  Brush fore_brush;
  Brush back_brush;
  Rop fore_rop = Rop::copy;
  Rop back_rop = Rop::copy;
};

/// Rows of a 2x3 affine transform in 16.16 fixed point, destination to source.
struct Transform {
  std::int32_t m[2][3] = {{65536, 0, 0}, {0, 65536, 0}};
};
struct Composite {
  std::uint32_t flags = 0;  ///< enum SpiceCompositeFlags
  ImageRef src;
  ImageRef mask;
  std::optional<Transform> src_transform;
  std::optional<Transform> mask_transform;
  Point src_origin;
  Point mask_origin;
};

using Operation = std::variant<Fill, Copy, Blend, Opaque, CopyBits, Blackness, Whiteness, Invers,
                               Rop3, Transparent, AlphaBlend, Stroke, Text, Composite>;

struct DrawOp {
  SurfaceId surface = 0;
  Rect box;  ///< on the surface; nothing outside it changes
  Clip clip;
  Operation operation;
};
using DrawOpPtr = std::shared_ptr<const DrawOp>;

/// "draw_copy", "draw_fill", ...: the wire's name, for logs and statistics.
const char* name_of(const Operation& operation);

/// Calls `visit(ImageRef&)` for every image that the operation holds (source, mask, patterns).
/// Template so that it serves const and mutable operations.
template <class Op, class Visitor>
void for_each_image(Op& operation, Visitor&& visit);

/// Pixels that the op certainly replaces without reading them (an opaque copy or fill, without a
/// mask, unclipped): whatever was queued below is covered. Empty if it reads or may leave some.
Rect opaque_area(const DrawOp& op);

/// True if `op` reads pixels of `surface` (copy_bits, a surface source, a rop that needs D).
bool reads_surface(const DrawOp& op, SurfaceId surface);

}  // namespace cassia::raster

#include "render/raster/draw_op_images.h"
