// SPDX-License-Identifier: Apache-2.0
#pragma once

// The canvas that a renderer draws on, with the GL context it may need.

#include <memory>

#include "client/app/options.h"
#include "render/raster/canvas.h"

namespace cassia::client {

struct CanvasBundle {
  std::shared_ptr<void> context;  ///< of OpenGL; null for canvases in memory; goes last
  std::unique_ptr<raster::Canvas> canvas;
};

/// Without a window; `automatic` is the canvas in memory, as nothing is presented.
Result<CanvasBundle> make_headless_canvas(RendererChoice choice);

}  // namespace cassia::client
