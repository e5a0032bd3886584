// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "render/raster/canvas.h"

namespace cassia::raster::conformance {

/// Every canvas that draws, but the reference itself.
std::vector<std::string> backend_names();

/// The canvas goes before what it draws with.
struct Backend {
  std::shared_ptr<void> keep;
  std::unique_ptr<Canvas> canvas;
};
/// One of these, "reference" or "dummy".
Result<Backend> make_backend(const std::string& name);

}  // namespace cassia::raster::conformance
