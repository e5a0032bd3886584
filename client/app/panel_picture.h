// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/ui/storage_model.h"
#include "render/raster/bitmap.h"

namespace cassia::client {

/// Draws the storage console over `picture` (xrgb32), as a window would show it.
Result<void> draw_panel(raster::Bitmap& picture, StorageModel& model);

}  // namespace cassia::client
