// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "render/raster/bitmap.h"

namespace cassia::client {

/// `bitmap` (xrgb32) as an RGB PNG, exact; the file appears whole or not at all.
Result<void> save_png(const raster::Bitmap& bitmap, const std::string& path);

}  // namespace cassia::client
