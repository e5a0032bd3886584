// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/canvas/compare.h"

#include <array>
#include <cstdlib>
#include <span>

#include "render/raster/pixel_ops.h"

namespace cassia::raster::conformance {
namespace {

struct Field {
  int shift;
  int bits;
};

std::span<const Field> fields(PixelFormat format) {
  static constexpr std::array<Field, 1> one{{{0, 1}}};
  static constexpr std::array<Field, 1> eight{{{0, 8}}};
  static constexpr std::array<Field, 3> x555{{{10, 5}, {5, 5}, {0, 5}}};
  static constexpr std::array<Field, 3> x565{{{11, 5}, {5, 6}, {0, 5}}};
  static constexpr std::array<Field, 4> x888{{{16, 8}, {8, 8}, {0, 8}, {24, 8}}};
  switch (format) {
    case PixelFormat::a1:
      return one;
    case PixelFormat::a8:
      return eight;
    case PixelFormat::rgb555:
      return x555;
    case PixelFormat::rgb565:
      return x565;
    case PixelFormat::xrgb32:
      return std::span(x888).first(3);
    case PixelFormat::argb32:
      return x888;
  }
  return {};
}

}  // namespace

std::string first_difference(const Bitmap& expected, const Bitmap& actual, int tolerance) {
  if (expected.size() != actual.size() || expected.format() != actual.format()) {
    return "size or format differ";
  }
  for (std::int32_t y = 0; y < expected.height(); ++y) {
    for (std::int32_t x = 0; x < expected.width(); ++x) {
      const std::uint32_t a = pixel_at(expected, {x, y}), b = pixel_at(actual, {x, y});
      for (const Field& field : fields(expected.format())) {
        const std::uint32_t mask = (1u << field.bits) - 1;
        const int va = static_cast<int>((a >> field.shift) & mask);
        const int vb = static_cast<int>((b >> field.shift) & mask);
        if (std::abs(va - vb) > tolerance) {
          return fmt::format("pixel {},{} is {:08x}, should be {:08x}", x, y, b, a);
        }
      }
    }
  }
  return {};
}

}  // namespace cassia::raster::conformance
