// SPDX-License-Identifier: Apache-2.0
#pragma once

// Internal to channels/display, client role: what of a draw can be seen to be wrong before its
// images are decoded.

#include "channels/display/draw_reader.h"

namespace cassia::channels {

/// Its surfaces exist, and its rectangles make sense: none is inside out, and each has pixels in
/// common with what it is a part of. Parts that lie outside are left to the canvas, which draws
/// what is there.
Result<void> check_draw(const raster::DrawOp& op, const SurfaceMap& surfaces);

/// The same of where the frames of a stream land.
Result<void> check_stream_area(raster::SurfaceId surface, const raster::Rect& dest,
                               const SurfaceMap& surfaces);

}  // namespace cassia::channels
