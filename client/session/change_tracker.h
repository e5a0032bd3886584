// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a window that shows a surface must do to follow it: move one rectangle of its own pixels,
// then repaint some. A guest that scrolls costs a window a move instead of everything.

#include <optional>
#include <utility>

#include "render/raster/region.h"

namespace cassia::client {

/// Pixels of the window go to `to`, from `to` moved back by `offset`; both lie inside the picture.
struct Scroll {
  raster::Rect to;
  raster::Point offset;

  raster::Rect from() const { return to.translated(-offset.x, -offset.y); }
  bool operator==(const Scroll&) const = default;
};

struct Changes {
  std::optional<Scroll> scroll;  ///< first
  raster::Region damage;         ///< then this is painted

  bool empty() const { return !scroll && damage.empty(); }
};

/// Of one surface, from one take() to the next. At most one move is kept: several in the same
/// direction become one, and a move that would not save much becomes damage.
class ChangeTracker {
 public:
  /// The surface's pixels in `region` may be others now.
  void drawn(const raster::Region& region) { changes_.damage.add(region); }
  /// The surface's pixels in `region` are those that were at -offset from there.
  void moved(const raster::Region& region, raster::Point offset);

  Changes take() { return std::exchange(changes_, {}); }
  void clear() { changes_ = {}; }

 private:
  void follow(const raster::Rect& to, raster::Point offset);

  Changes changes_;
};

/// The part of `changes` that a window on `area` shows, in its coordinates (its corner is 0,0).
Changes within(Changes changes, const raster::Rect& area);

/// Without a move: all that it would have reached is painted.
Changes painted(Changes changes);

}  // namespace cassia::client
