// SPDX-License-Identifier: Apache-2.0
#include "client/session/change_tracker.h"

#include <cstdint>

namespace cassia::client {
namespace {

using raster::Point;
using raster::Rect;
using raster::Region;

/// Fewer pixels are as quickly painted.
constexpr std::int64_t least_pixels = 128 * 128;

std::int64_t pixels_of(const Rect& rect) {
  return rect.empty() ? 0 : std::int64_t{rect.width()} * rect.height();
}

}  // namespace

void ChangeTracker::moved(const Region& region, Point offset) {
  const std::vector<Rect> rects = region.rects();
  // The rectangles of a clipped move would have to be moved in the right order.
  if (rects.size() != 1 || pixels_of(rects.front()) < least_pixels) return drawn(region);
  const Rect to = rects.front();
  if (!changes_.scroll) {
    follow(to, offset);
    changes_.scroll = Scroll{to, offset};
    return;
  }
  const Scroll before = *changes_.scroll;
  // What this moves and the one before has moved: it comes from both offsets away.
  const Rect both = to.intersected(before.to.translated(offset.x, offset.y));
  const std::int64_t larger = std::max(pixels_of(to), pixels_of(before.to));
  if (pixels_of(both) * 2 >= larger) {
    follow(to, offset);
    Region rest(before.to);
    rest.add(to).subtract(both);
    changes_.damage.add(rest);
    changes_.scroll = Scroll{both, {before.offset.x + offset.x, before.offset.y + offset.y}};
  } else if (pixels_of(before.to) >= pixels_of(to)) {
    drawn(region);
  } else {
    changes_.damage.add(before.to);
    follow(to, offset);
    changes_.scroll = Scroll{to, offset};
  }
}

/// What is to be painted and moves on is to be painted where it arrives.
void ChangeTracker::follow(const Rect& to, Point offset) {
  Region carried = changes_.damage;
  carried.translate(offset.x, offset.y).intersect(to);
  changes_.damage.subtract(to).add(carried);
}

Changes within(Changes changes, const Rect& area) {
  if (const auto all = std::exchange(changes.scroll, std::nullopt)) {
    const Rect reached = all->to.intersected(area);
    // What comes from outside the area is not in the window.
    const Rect kept = reached.intersected(area.translated(all->offset.x, all->offset.y));
    const bool worth_it = pixels_of(kept) >= least_pixels;
    Region rest;
    if (!reached.empty()) rest.add(reached);
    if (worth_it) {
      rest.subtract(kept);
      changes.scroll = Scroll{kept.translated(-area.left, -area.top), all->offset};
    }
    changes.damage.add(rest);
  }
  changes.damage.intersect(area);
  changes.damage.translate(-area.left, -area.top);
  return changes;
}

Changes painted(Changes changes) {
  if (changes.scroll) changes.damage.add(changes.scroll->to);
  changes.scroll.reset();
  return changes;
}

}  // namespace cassia::client
