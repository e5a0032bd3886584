// SPDX-License-Identifier: Apache-2.0
#pragma once

// The Canvas interface: surfaces and the draws on them. Backends: reference (pixman, what the
// server holds and what conformance compares with), cairo, gl, gdi; and a dummy for tests.

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "render/raster/bitmap.h"
#include "render/raster/draw_op.h"
#include "render/raster/region.h"
#include "render/raster/video_planes.h"

namespace cassia::raster {

/// All calls come from one thread (for gl: the one that holds the context).
class Canvas {
 public:
  virtual ~Canvas() = default;

  virtual std::string_view name() const = 0;

  /// A new surface, all zero. An id in use is replaced. `size` is checked against max_side.
  virtual Result<void> create_surface(SurfaceId id, Size size, PixelFormat format) = 0;
  virtual void destroy_surface(SurfaceId id) = 0;
  virtual void destroy_all() = 0;
  virtual bool has_surface(SurfaceId id) const = 0;
  virtual Size surface_size(SurfaceId id) const = 0;  ///< {0,0} if there is none
  virtual PixelFormat surface_format(SurfaceId id) const = 0;

  /// Executes one draw. Its images must be decoded (Bitmap) or surfaces; an EncodedImage is an
  /// error of the caller. On error nothing was drawn and the canvas stays usable.
  virtual Result<void> draw(const DrawOp& op) = 0;

  /// Draws all of a picture of video into `box`, as a copy of to_bitmap(planes) would.
  virtual Result<void> draw_video(SurfaceId surface, const Rect& box, const Clip& clip,
                                  const VideoPlanes& planes);
  /// Planes cost it less than pixels.
  virtual bool prefers_planes() const { return false; }

  /// A copy of `area` (clamped to the surface) in the surface's format.
  virtual Result<Bitmap> read(SurfaceId id, const Rect& area) = 0;

  /// Pixels changed since the last call, per surface; the presenter takes it once a frame.
  virtual Region take_damage(SurfaceId id) = 0;

  /// Zero-copy look at a surface in memory, or nullptr where pixels live elsewhere (gl). Valid
  /// until the next call that draws on or destroys the surface.
  virtual const Bitmap* peek(SurfaceId id) const { return (void)id, nullptr; }
};

/// The pixman canvas that defines what every operation means.
std::unique_ptr<Canvas> make_reference_canvas();
/// Accepts everything, draws nothing, remembers sizes: for tests of the layers above.
std::unique_ptr<Canvas> make_dummy_canvas();

}  // namespace cassia::raster
