// SPDX-License-Identifier: Apache-2.0
#pragma once

// The viewer's canvas for machines whose GL is software: surfaces in memory, blends and text by
// Cairo, the rest by the kernels of the reference canvas. peek() gives the pixels for a present
// without a copy.

#include <functional>
#include <memory>

#include "render/raster/canvas.h"

namespace cassia::raster {

/// Memory for a new surface, all zero; an empty bitmap where the canvas may take its own.
using SurfaceMemory = std::function<Bitmap(SurfaceId id, Size size, PixelFormat format)>;

/// `memory`, if any: lets a surface lie where a window can show it from.
std::unique_ptr<Canvas> make_cairo_canvas(SurfaceMemory memory = {});

}  // namespace cassia::raster
