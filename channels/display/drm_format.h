// SPDX-License-Identifier: Apache-2.0
#pragma once

// The pixel formats of GL scanouts that are also SPICE's. Source: drm/drm_fourcc.h (DRM_FORMAT_*,
// little endian).

#include <optional>

#include "render/raster/bitmap.h"

namespace cassia::channels {

constexpr std::uint32_t drm_fourcc(char a, char b, char c, char d) {
  return static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b) << 8 |
         static_cast<std::uint32_t>(c) << 16 | static_cast<std::uint32_t>(d) << 24;
}
inline constexpr std::uint32_t drm_xrgb8888 = drm_fourcc('X', 'R', '2', '4');
inline constexpr std::uint32_t drm_argb8888 = drm_fourcc('A', 'R', '2', '4');
inline constexpr std::uint32_t drm_rgb565 = drm_fourcc('R', 'G', '1', '6');
inline constexpr std::uint32_t drm_xrgb1555 = drm_fourcc('X', 'R', '1', '5');

/// Of a screen: its alpha says nothing. Nothing for formats that we cannot read.
constexpr std::optional<raster::PixelFormat> screen_format_of(std::uint32_t fourcc) {
  switch (fourcc) {
    case drm_xrgb8888:
    case drm_argb8888:
      return raster::PixelFormat::xrgb32;
    case drm_rgb565:
      return raster::PixelFormat::rgb565;
    case drm_xrgb1555:
      return raster::PixelFormat::rgb555;
    default:
      return std::nullopt;
  }
}

/// 0 for formats that no screen has.
constexpr std::uint32_t fourcc_of(raster::PixelFormat format) {
  switch (format) {
    case raster::PixelFormat::xrgb32:
    case raster::PixelFormat::argb32:
      return drm_xrgb8888;
    case raster::PixelFormat::rgb565:
      return drm_rgb565;
    case raster::PixelFormat::rgb555:
      return drm_xrgb1555;
    default:
      return 0;
  }
}

}  // namespace cassia::channels
