// SPDX-License-Identifier: Apache-2.0
#pragma once

// The viewer's canvas for machines whose GL is software: surfaces in memory, blends and text by
// Cairo, the rest by the kernels of the reference canvas. peek() gives the pixels for a present
// without a copy.

#include <memory>

#include "render/raster/canvas.h"

namespace cassia::raster {

std::unique_ptr<Canvas> make_cairo_canvas();

}  // namespace cassia::raster
