// SPDX-License-Identifier: Apache-2.0
#pragma once

// The guest's pointer: absolute in client mode, relative in server mode; buttons and wheel in both.

#include "channels/main/main_channel.h"
#include "client/input/input_sink.h"
#include "client/input/viewport.h"

namespace cassia::client {

/// Main thread only. `sink` must outlive it.
class Mouse {
 public:
  explicit Mouse(InputSink& sink, std::uint8_t display = 0) : sink_(sink), display_(display) {}

  void set_mode(channels::MouseMode mode) { mode_ = mode; }
  channels::MouseMode mode() const { return mode_; }
  void set_viewport(const Viewport& viewport) { viewport_ = viewport; }
  /// In server mode motion and buttons reach the guest only while the pointer is grabbed.
  void set_grabbed(bool grabbed);
  bool grabbed() const { return grabbed_; }

  /// Position in the window, and how far it moved, in window pixels.
  void move(raster::Point window, std::int32_t dx, std::int32_t dy);
  /// `button` as SDL numbers it: 1 left, 2 middle, 3 right, 4 side (back), 5 extra (forward).
  void button(int button, bool down);
  /// Wheel steps, up is positive; fractions add up until they make a step.
  void wheel(double steps);
  void release_all();

 private:
  bool reaches_guest() const { return mode_ == channels::MouseMode::client || grabbed_; }

  InputSink& sink_;
  std::uint8_t display_;
  Viewport viewport_;
  channels::MouseMode mode_ = channels::MouseMode::server;
  channels::ButtonMask held_ = 0;
  bool grabbed_ = false;
  double wheel_ = 0;
};

}  // namespace cassia::client
