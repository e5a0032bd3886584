// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where the guest's picture lies in the window: scaled as a whole, its aspect kept, in the middle.

#include "render/raster/geometry.h"

namespace cassia::client {

class Viewport {
 public:
  Viewport() = default;
  /// Shown at its own size if it fits and `enlarge` is off; else as large as the window allows.
  static Viewport fit(raster::Size picture, raster::Size window, bool enlarge = true);

  raster::Size picture() const { return picture_; }
  /// The part of the window that the picture covers.
  const raster::Rect& area() const { return area_; }
  bool exact() const { return area_.size() == picture_; }  ///< one to one

  /// The guest's pixel under a window position; positions outside give the nearest edge pixel.
  raster::Point to_guest(raster::Point window) const;
  /// The window position of a guest's pixel (its top left corner); may lie outside area().
  raster::Point from_guest(raster::Point guest) const;
  /// The window pixels that a change of `picture` can reach (one more on each side when scaled, as
  /// filtering looks at neighbours).
  raster::Rect to_window(const raster::Rect& picture) const;

 private:
  raster::Size picture_;
  raster::Rect area_;
};

}  // namespace cassia::client
