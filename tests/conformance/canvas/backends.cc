// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/canvas/backends.h"

#include "render/cairo/cairo_canvas.h"

namespace cassia::raster::conformance {

std::vector<std::string> backend_names() { return {"cairo"}; }

Result<std::unique_ptr<Canvas>> make_backend(const std::string& name) {
  if (name == "cairo") return make_cairo_canvas();
  return fail(ErrorKind::invalid_argument, "no canvas is called {}", name);
}

}  // namespace cassia::raster::conformance
