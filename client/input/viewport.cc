// SPDX-License-Identifier: Apache-2.0
#include "client/input/viewport.h"

namespace cassia::client {

using raster::Point;
using raster::Rect;
using raster::Size;

Viewport Viewport::fit(Size picture, Size window, bool enlarge) {
  Viewport v;
  v.picture_ = picture;
  if (picture.empty() || window.empty()) return v;
  Size shown = picture;
  const bool fits = picture.width <= window.width && picture.height <= window.height;
  if (!fits || enlarge) {
    const std::int64_t by_width = std::int64_t{window.width} * picture.height;
    const std::int64_t by_height = std::int64_t{window.height} * picture.width;
    if (by_width <= by_height) {
      shown = {window.width, static_cast<std::int32_t>(by_width / picture.width)};
    } else {
      shown = {static_cast<std::int32_t>(by_height / picture.height), window.height};
    }
    shown.width = std::max(shown.width, 1);
    shown.height = std::max(shown.height, 1);
  }
  v.area_ =
      Rect::of(Point{(window.width - shown.width) / 2, (window.height - shown.height) / 2}, shown);
  return v;
}

Point Viewport::to_guest(Point window) const {
  if (area_.empty()) return {};
  const auto map = [](std::int32_t at, std::int32_t from, std::int32_t shown, std::int32_t side) {
    const std::int64_t inside = std::clamp(at - from, 0, shown - 1);
    return static_cast<std::int32_t>(inside * side / shown);
  };
  return {map(window.x, area_.left, area_.width(), picture_.width),
          map(window.y, area_.top, area_.height(), picture_.height)};
}

Point Viewport::from_guest(Point guest) const {
  if (picture_.empty()) return {};
  const auto map = [](std::int32_t at, std::int32_t shown, std::int32_t side) {
    return static_cast<std::int32_t>(std::int64_t{at} * shown / side);
  };
  return {area_.left + map(guest.x, area_.width(), picture_.width),
          area_.top + map(guest.y, area_.height(), picture_.height)};
}

Rect Viewport::to_window(const Rect& r) const {
  if (area_.empty() || r.empty()) return {};
  if (exact()) return r.translated(area_.left, area_.top).intersected(area_);
  const auto low = [](std::int32_t at, std::int32_t shown, std::int32_t side) {
    return static_cast<std::int32_t>((std::int64_t{at} - 1) * shown / side) - 1;
  };
  const auto high = [](std::int32_t at, std::int32_t shown, std::int32_t side) {
    return static_cast<std::int32_t>(((std::int64_t{at} + 1) * shown + side - 1) / side) + 1;
  };
  const Rect grown = {low(r.left, area_.width(), picture_.width),
                      low(r.top, area_.height(), picture_.height),
                      high(r.right, area_.width(), picture_.width),
                      high(r.bottom, area_.height(), picture_.height)};
  return grown.translated(area_.left, area_.top).intersected(area_);
}

}  // namespace cassia::client
