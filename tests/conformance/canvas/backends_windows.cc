// SPDX-License-Identifier: Apache-2.0
#include "render/gdi/gdi_canvas.h"
#include "tests/conformance/canvas/backends.h"

namespace cassia::raster::conformance {

std::vector<std::string> backend_names() { return {"gdi"}; }

Result<Backend> make_backend(const std::string& name) {
  Backend backend;
  if (name == "gdi") {
    backend.canvas = CASSIA_TRY(gdi::GdiCanvas::create());
  } else if (name == "reference") {
    backend.canvas = make_reference_canvas();
  } else if (name == "dummy") {
    backend.canvas = make_dummy_canvas();
  } else {
    return fail(ErrorKind::invalid_argument, "no canvas is called {}", name);
  }
  return backend;
}

}  // namespace cassia::raster::conformance
