// SPDX-License-Identifier: Apache-2.0
#pragma once

// Internal to channels/display: GL scanouts as they are on the wire. Source: spice.proto in
// spice-common (gl_scanout_unix, gl_draw) and SPICE_GL_SCANOUT_FLAGS_* of spice/enums.h.

#include "base/result.h"
#include "channels/display/display_types.h"

namespace cassia::channels {

/// Without its memory, which comes behind the message if there is a fourcc. An error is of the
/// message's form only.
Result<GlScanout> read_gl_scanout(ByteView body);
/// Whether it names a picture that can be, and has its memory.
Result<void> check_gl_scanout(const GlScanout& scanout);
/// The area of a draw; an error if it is not inside `scanout`.
Result<raster::Rect> read_gl_draw(ByteView body, raster::Size scanout);

Bytes write_gl_scanout(const GlScanout& scanout);
Bytes write_gl_draw(const raster::Rect& area);

}  // namespace cassia::channels
