// SPDX-License-Identifier: Apache-2.0
#pragma once

// The pixels of a stroked path. Source: SPICE_MSG_DISPLAY_DRAW_STROKE; lines are one pixel wide,
// Bresenham's with X11's rule for ties, and their last point is left out, as Windows draws them.

#include <vector>

#include "render/raster/draw_op.h"
#include "render/raster/region.h"

namespace cassia::raster {

/// Layer 0 holds the pixels that the path touches, layer 1 those it touches a second time, and so
/// on: painting the layers in order equals painting every line in order. With `once`, for paints
/// that do not read the target, there is one layer only.
Result<std::vector<Region>> stroke_layers(const Stroke& stroke, const Region& clip, bool once);

}  // namespace cassia::raster
