// SPDX-License-Identifier: Apache-2.0
#pragma once

// Random draws, the same ones for the same seed, rich in edge cases: empty and one-pixel boxes,
// clips outside, negative origins, overlapping moves, images smaller than what is asked of them.

#include <cstdint>
#include <random>

#include "render/raster/canvas.h"

namespace cassia::raster::conformance {

inline constexpr SurfaceId target_surface = 0;
inline constexpr SurfaceId same_format_surface = 1;
inline constexpr SurfaceId rgb_surface = 2;
inline constexpr SurfaceId bit_surface = 3;
inline constexpr Size target_size{61, 47};
inline constexpr Size source_size{37, 29};
inline constexpr int edge_boxes = 10;

/// The alternatives of raster::Operation, by their index in the variant.
inline constexpr std::size_t operation_count = std::variant_size_v<Operation>;

class CaseGenerator {
 public:
  CaseGenerator(std::uint32_t seed, PixelFormat format) : random_(seed), format_(format) {}

  /// Random pixels; those of argb32 are premultiplied, as every bitmap of that format is.
  BitmapPtr picture(Size size, PixelFormat format);
  /// A draw of the given alternative on target_surface. The first `edge_boxes` of them lie on the
  /// edges on purpose; `turn` also goes through the raster operations, ternary codes and operators.
  DrawOp draw(std::size_t operation, int turn);

  int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
  bool chance(int one_in) { return below(one_in) == 0; }

 private:
  std::uint32_t number() { return static_cast<std::uint32_t>(random_()); }
  int between(int low, int high) { return low + below(high - low + 1); }
  Rop rop() const { return static_cast<Rop>(turn_ % 16); }
  ScaleMode scale_mode() { return chance(2) ? ScaleMode::nearest : ScaleMode::interpolate; }

  Rect box();
  Rect edge_box();
  Clip clip();
  Brush brush();
  Mask mask();
  ImageRef image(Size size);
  /// An image and an area of it; `scaled`: of another size than the box.
  ImageRef source(const Rect& box, bool scaled, Rect& area);
  Operation operation(std::size_t index, const Rect& box);
  Stroke stroke();
  Text text(const Rect& box);
  AlphaBlend alpha_blend(const Rect& box, bool scaled);
  Transform transform();
  Composite composite();

  std::mt19937 random_;
  PixelFormat format_;
  int turn_ = 0;
};

}  // namespace cassia::raster::conformance
