// SPDX-License-Identifier: Apache-2.0
#pragma once

// A line of text in a box in the middle of a surface: "guest restarting".

#include <string>
#include <vector>

#include "server/display/surface_store.h"

namespace cassia::server {

/// The draws that show `text`; they fit surfaces of 16 and 32 bits a pixel.
std::vector<raster::DrawOp> notice_ops(const Surface& surface, const std::string& text);

}  // namespace cassia::server
