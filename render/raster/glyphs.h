// SPDX-License-Identifier: Apache-2.0
#pragma once

// A string of glyphs becomes one mask. Source: SPICE_MSG_DISPLAY_DRAW_TEXT, struct
// SpiceRasterGlyph.

#include "render/raster/bitmap.h"
#include "render/raster/draw_op.h"

namespace cassia::raster {

struct GlyphMask {
  Bitmap mask;  ///< a1 for glyphs of depth 1, else a8; empty if nothing of the text is in sight
  Point at;     ///< where the mask's pixel (0,0) lies on the surface
};

/// Only what lies inside `visible` is made. Fails if a glyph has fewer bytes than its size needs.
/// Four-bit glyphs keep the scale of the reference client: value v is alpha v * 16.
Result<GlyphMask> glyph_mask(const Text& text, const Rect& visible);

}  // namespace cassia::raster
