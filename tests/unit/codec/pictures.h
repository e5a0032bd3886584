// SPDX-License-Identifier: Apache-2.0
#pragma once

// Pictures to code: generated, so that everybody who needs one gets the same pixels.

#include <cstdint>

#include "render/raster/bitmap.h"

namespace cassia::codec::test {

enum class Scene {
  text,      ///< two colours, glyph-like clumps, much of it repeated
  ui,        ///< flat rectangles with borders and a few gradients
  photo,     ///< smooth shapes with sensor noise
  gradient,  ///< every pixel differs a little from the next
  noise,     ///< incompressible
  flat,
  sparse,  ///< a flat ground with a few random pixels, far from each other
};
inline constexpr Scene all_scenes[] = {Scene::text,  Scene::ui,   Scene::photo, Scene::gradient,
                                       Scene::noise, Scene::flat, Scene::sparse};
const char* name_of(Scene scene);

/// In any format but a1. Alpha and a8 follow the picture's red.
raster::Bitmap draw(Scene scene, raster::Size size,
                    raster::PixelFormat format = raster::PixelFormat::xrgb32);

}  // namespace cassia::codec::test
