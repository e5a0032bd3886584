// SPDX-License-Identifier: Apache-2.0
#pragma once

// The guest's screen follows the window: when the user has resized the window and let it rest, the
// guest is asked for a screen of that size. What the viewer does to the window by itself (to fit a
// new picture) asks for nothing.

#include <optional>

#include "base/clock.h"
#include "render/raster/geometry.h"

namespace cassia::client {

class GuestResize {
 public:
  static constexpr Duration rest = std::chrono::milliseconds(400);

  /// The user, or the window manager, has given the window this size.
  void window_resized(raster::Size size, TimePoint now) {
    wish_ = size;
    due_ = now + rest;
  }
  /// The guest's agent can or cannot resize its screen.
  void set_possible(bool possible) { possible_ = possible; }

  /// The size to ask for now, once for each resize; `picture` is what the guest shows.
  std::optional<raster::Size> take(raster::Size picture, TimePoint now) {
    if (!wish_ || now < due_ || !possible_) return std::nullopt;
    const raster::Size size = *wish_;
    wish_.reset();
    if (size == picture || size.empty()) return std::nullopt;
    return size;
  }
  /// When take() may have something.
  TimePoint next() const { return wish_ && possible_ ? due_ : TimePoint::max(); }

 private:
  std::optional<raster::Size> wish_;
  TimePoint due_{};
  bool possible_ = false;
};

}  // namespace cassia::client
