// SPDX-License-Identifier: Apache-2.0
#include "client/app/canvas_choice.h"

#include "base/log.h"
#include "render/cairo/cairo_canvas.h"
#include "render/gl/context.h"
#include "render/gl/gl_canvas.h"

namespace cassia::client {

Result<CanvasBundle> make_headless_canvas(RendererChoice choice) {
  CanvasBundle bundle;
  if (choice != RendererChoice::gl) {
    bundle.canvas = raster::make_cairo_canvas();
    return bundle;
  }
  auto context = CASSIA_TRY(raster::gl::Context::create_headless());
  log_info("viewer", "OpenGL by {}", context->renderer());
  bundle.context = std::shared_ptr<raster::gl::Context>(std::move(context));
  bundle.canvas = CASSIA_TRY(raster::gl::GlCanvas::create());
  return bundle;
}

}  // namespace cassia::client
