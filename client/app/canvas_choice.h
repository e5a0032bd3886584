// SPDX-License-Identifier: Apache-2.0
#pragma once

// The canvas that a renderer draws on, with the GL context it may need.

#include <memory>

#include "client/app/options.h"
#include "render/raster/canvas.h"

namespace cassia::raster::gl {
class Context;
class GlCanvas;
}  // namespace cassia::raster::gl

namespace cassia::client {

struct CanvasBundle {
  CanvasBundle();
  CanvasBundle(CanvasBundle&&) noexcept;
  ~CanvasBundle();

  std::unique_ptr<raster::gl::Context> context;  ///< null for canvases in memory; goes last
  std::unique_ptr<raster::Canvas> canvas;
};

/// Without a window; `automatic` is the canvas in memory, as nothing is presented.
Result<CanvasBundle> make_headless_canvas(RendererChoice choice);

}  // namespace cassia::client
