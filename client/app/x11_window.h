// SPDX-License-Identifier: Apache-2.0
#pragma once

// A window of a local X server, shown from memory that the server reads itself (MIT-SHM): nothing
// is copied on our side, and what only moves is moved by the server. On a connection of its own
// beside the one that made the window.

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "render/raster/bitmap.h"

namespace cassia::client {

/// Main thread only. Bitmaps of allocate() may outlive it.
class X11Window {
 public:
  /// `display`: null for the variable DISPLAY. Errors (unsupported): no such server, one on another
  /// machine, a window whose pixels are not 32-bit RGB.
  static Result<std::unique_ptr<X11Window>> open(std::uint32_t window,
                                                 const char* display = nullptr);
  virtual ~X11Window() = default;

  /// xrgb32, all zero, in memory that the server can read.
  virtual Result<raster::Bitmap> allocate(raster::Size size) = 0;
  /// True for a bitmap of allocate().
  virtual bool owns(const raster::Bitmap& bitmap) const = 0;

  /// `from`, inside a bitmap that this owns, goes to `at` in the window.
  virtual void put(const raster::Bitmap& bitmap, const raster::Rect& from, raster::Point at) = 0;
  /// The window's own pixels go to `to` from `offset` before it.
  virtual void move(const raster::Rect& to, raster::Point offset) = 0;
  /// Until the server has done it all; from here on the bitmaps may be written to. Gives what
  /// move() could not bring since its source was covered by another window, to be put instead.
  virtual Result<std::vector<raster::Rect>> finish() = 0;
};

}  // namespace cassia::client
