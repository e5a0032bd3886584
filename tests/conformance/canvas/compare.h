// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "render/raster/bitmap.h"

namespace cassia::raster::conformance {

/// Empty if all visible components differ by at most `tolerance`; else the first pixel that does
/// not.
std::string first_difference(const Bitmap& expected, const Bitmap& actual, int tolerance);

}  // namespace cassia::raster::conformance
