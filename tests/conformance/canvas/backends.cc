// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/canvas/backends.h"

#include "render/cairo/cairo_canvas.h"
#include "render/gl/context.h"
#include "render/gl/gl_canvas.h"

namespace cassia::raster::conformance {

std::vector<std::string> backend_names() { return {"cairo", "gl"}; }

Result<Backend> make_backend(const std::string& name) {
  Backend backend;
  if (name == "cairo") {
    backend.canvas = make_cairo_canvas();
  } else if (name == "reference") {
    backend.canvas = make_reference_canvas();
  } else if (name == "dummy") {
    backend.canvas = make_dummy_canvas();
  } else if (name == "gl") {
    auto context = gl::Context::create_headless();
    if (!context) return fail(context.error());
    backend.keep = std::shared_ptr<gl::Context>(std::move(*context));
    backend.canvas = CASSIA_TRY(gl::GlCanvas::create());
  } else {
    return fail(ErrorKind::invalid_argument, "no canvas is called {}", name);
  }
  return backend;
}

}  // namespace cassia::raster::conformance
