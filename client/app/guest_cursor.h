// SPDX-License-Identifier: Apache-2.0
#pragma once

// The guest's pointer: its picture, where it is, whether it shows.

#include "client/session/events.h"

namespace cassia::client {

class GuestCursor {
 public:
  void set(const CursorSet& event);
  void move(raster::Point position) {
    position_ = position;
    visible_ = true;
  }
  void hide() { visible_ = false; }
  void reset() { *this = GuestCursor(); }

  /// The guest has shown a shape since the session began.
  bool has_shape() const { return !picture_.empty(); }
  bool visible() const { return visible_ && has_shape(); }
  const raster::Bitmap& picture() const { return picture_; }  ///< argb32
  raster::Point hot_spot() const { return hot_spot_; }
  /// The pixels it covers, in the guest's coordinates; empty if it does not show.
  raster::Rect box() const;

  /// Blends it onto `target`, whose (0,0) is the guest's `origin`.
  void draw(raster::Bitmap& target, raster::Point origin) const;

 private:
  raster::Bitmap picture_;
  raster::Point hot_spot_;
  raster::Point position_;
  bool visible_ = false;
};

}  // namespace cassia::client
