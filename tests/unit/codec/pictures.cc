// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/codec/pictures.h"

#include <cstdlib>
#include <vector>

namespace cassia::codec::test {
namespace {

using raster::Bitmap;
using raster::PixelFormat;

std::uint32_t mix(std::uint32_t x) {
  x ^= x >> 16;
  x *= 0x7feb352du;
  x ^= x >> 15;
  x *= 0x846ca68bu;
  return x ^ (x >> 16);
}

std::uint32_t rgb(int r, int g, int b) {
  return static_cast<std::uint32_t>(r & 255) << 16 | static_cast<std::uint32_t>(g & 255) << 8 |
         static_cast<std::uint32_t>(b & 255);
}

/// Rows of 8x16 cells; each holds one of 40 random glyphs, some cells are blank.
std::uint32_t text_pixel(int x, int y) {
  const std::uint32_t cell = mix(static_cast<std::uint32_t>(x / 8 + y / 16 * 977));
  const std::uint32_t glyph = cell % 40;
  const bool inside = x % 8 < 6 && y % 16 > 2 && y % 16 < 13;
  const bool ink = inside && cell % 5 != 0 &&
                   (mix(glyph * 131 + static_cast<std::uint32_t>(x % 8 * 16 + y % 16)) & 3) == 0;
  return ink ? (y / 16 % 7 == 3 ? 0x60ff60u : 0xd0d0d0u) : 0x101018u;
}

std::uint32_t ui_pixel(int x, int y) {
  const int column = x / 160, row = y / 90;
  const int left = x % 160, top = y % 90;
  if (left < 2 || top < 2) return 0x404040;
  if (top < 18) return rgb(60 + left / 2, 90, 160 - left / 4);
  const std::uint32_t panel = mix(static_cast<std::uint32_t>(column + 31 * row));
  if (left > 20 && left < 120 && top % 24 > 8 && top % 24 < 18) return text_pixel(x, y);
  return 0xe0e0e0u - (panel & 0x0f0f0fu);
}

std::uint32_t photo_pixel(int x, int y) {
  const int noise = static_cast<int>(mix(static_cast<std::uint32_t>(x * 8191 + y)) & 7) - 3;
  const int wave = std::abs((x * 3 + y * 2) % 510 - 255), hill = std::abs((x - y * 2) % 384 - 192);
  const auto clamp = [](int v) { return v < 0 ? 0 : v > 255 ? 255 : v; };
  return rgb(clamp(wave + noise), clamp((wave + hill) / 2 + noise), clamp(hill + 40 - noise));
}

std::uint32_t pixel(Scene scene, int x, int y) {
  switch (scene) {
    case Scene::text:
      return text_pixel(x, y);
    case Scene::ui:
      return ui_pixel(x, y);
    case Scene::photo:
      return photo_pixel(x, y);
    case Scene::gradient:
      return rgb(x + y, x * 2 - y, y * 3);
    case Scene::noise:
      return mix(static_cast<std::uint32_t>(x * 65537 + y)) & 0xffffffu;
    case Scene::flat:
      return 0x336699;
    case Scene::sparse: {
      const std::uint32_t dice = mix(static_cast<std::uint32_t>(x * 40503 + y));
      return dice % 97 == 0 ? mix(dice) & 0xffffffu : 0x203040u;
    }
  }
  return 0;
}

}  // namespace

const char* name_of(Scene scene) {
  switch (scene) {
    case Scene::text:
      return "text";
    case Scene::ui:
      return "ui";
    case Scene::photo:
      return "photo";
    case Scene::gradient:
      return "gradient";
    case Scene::noise:
      return "noise";
    case Scene::flat:
      return "flat";
    case Scene::sparse:
      return "sparse";
  }
  return "";
}

Bitmap draw(Scene scene, raster::Size size, PixelFormat format) {
  Bitmap bitmap = Bitmap::create_cleared(size, format).value();
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const std::uint32_t c = pixel(scene, x, y);
      const std::uint32_t r = c >> 16, g = c >> 8 & 255, b = c & 255;
      switch (format) {
        case PixelFormat::xrgb32:
          bitmap.row32(y)[x] = c | 0xff000000u;
          break;
        case PixelFormat::argb32:
          bitmap.row32(y)[x] = c | r << 24;
          break;
        case PixelFormat::rgb555:
          reinterpret_cast<std::uint16_t*>(bitmap.row(y))[x] =
              static_cast<std::uint16_t>(r >> 3 << 10 | g >> 3 << 5 | b >> 3);
          break;
        case PixelFormat::rgb565:
          reinterpret_cast<std::uint16_t*>(bitmap.row(y))[x] =
              static_cast<std::uint16_t>(r >> 3 << 11 | g >> 2 << 5 | b >> 3);
          break;
        case PixelFormat::a8:
          bitmap.row(y)[x] = static_cast<std::uint8_t>(r);
          break;
        case PixelFormat::a1:
          break;
      }
    }
  }
  return bitmap;
}

}  // namespace cassia::codec::test
