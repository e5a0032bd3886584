// SPDX-License-Identifier: Apache-2.0
#pragma once

// The guest's keyboard as the viewer drives it: remembers which keys are down, so that none stays
// down when the window loses the focus, and keeps the lock lights of both sides alike.

#include <cstdint>
#include <set>

#include "client/input/input_sink.h"
#include "client/input/scancode.h"

namespace cassia::client {

/// Main thread only. `sink` must outlive it.
class Keyboard {
 public:
  explicit Keyboard(InputSink& sink) : sink_(sink) {}

  /// A key of the viewer's keyboard went down (again, when it repeats: guests expect the repeated
  /// code). Keys that a PC keyboard lacks are ignored.
  void press(int sdl_scancode);
  void release(int sdl_scancode);
  /// Releases whatever is down: focus lost, panel opened, keyboard given back.
  void release_all();

  /// The locks of the viewer's own keyboard (channels::KeyModifiers bits), at focus and after a
  /// lock key: the guest is told when its lights differ.
  void host_locks(std::uint16_t locks);
  /// The guest's lights have changed.
  void guest_locks(std::uint16_t locks) { guest_locks_ = locks; }
  std::uint16_t guest_locks() const { return guest_locks_; }

  bool any_down() const { return !down_.empty(); }

 private:
  InputSink& sink_;
  std::set<int> down_;
  std::uint16_t guest_locks_ = 0;
};

}  // namespace cassia::client
