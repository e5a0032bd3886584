// SPDX-License-Identifier: Apache-2.0
#pragma once

// The least that showing pixels in an X window without a GPU can cost: shared memory, one
// XShmPutImage, one round trip. Nothing of the viewer is in it.

#include <xcb/shm.h>
#include <xcb/xcb.h>

#include "base/result.h"
#include "render/raster/geometry.h"

namespace cassia::bench {

class BareWindow {
 public:
  static Result<BareWindow> open(raster::Size size, raster::Point at);

  /// Colours the rectangle in our memory.
  void fill(const raster::Rect& rect, std::uint32_t color);
  /// Shows it, and waits for the server.
  void put(const raster::Rect& rect);

 private:
  xcb_connection_t* connection_ = nullptr;  // with everything behind it until the program ends
  xcb_window_t window_ = 0;
  xcb_gcontext_t context_ = 0;
  xcb_shm_seg_t segment_ = 0;
  std::uint32_t* pixels_ = nullptr;
  raster::Size size_;
};

}  // namespace cassia::bench
