// SPDX-License-Identifier: Apache-2.0
#include "client/app/guest_cursor.h"

#include "render/raster/pixman_image.h"

namespace cassia::client {

void GuestCursor::set(const CursorSet& event) {
  picture_ = event.picture;
  hot_spot_ = {};
  if (event.state.shape) hot_spot_ = {event.state.shape->hot_x, event.state.shape->hot_y};
  position_ = event.state.position;
  visible_ = event.state.visible;
}

raster::Rect GuestCursor::box() const {
  if (!visible()) return {};
  return raster::Rect::of({position_.x - hot_spot_.x, position_.y - hot_spot_.y}, picture_.size());
}

void GuestCursor::draw(raster::Bitmap& target, raster::Point origin) const {
  const raster::Rect at = box().translated(-origin.x, -origin.y);
  if (at.empty()) return;
  const auto from = raster::pixman_over(picture_);
  const auto to = raster::pixman_over(target);
  pixman_image_composite32(PIXMAN_OP_OVER, from.get(), nullptr, to.get(), 0, 0, 0, 0, at.left,
                           at.top, at.width(), at.height());
}

}  // namespace cassia::client
