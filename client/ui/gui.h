// SPDX-License-Identifier: Apache-2.0
#pragma once

// Owns the Dear ImGui context of one window, and its frames.

#include <memory>

#include "base/clock.h"
#include "base/result.h"
#include "render/raster/geometry.h"

struct ImDrawData;
struct ImGuiContext;

namespace cassia::client {

/// Main thread only. ImGui has a current context: every method makes this one current.
class Gui {
 public:
  static Result<std::unique_ptr<Gui>> create();
  ~Gui();
  Gui(const Gui&) = delete;
  Gui& operator=(const Gui&) = delete;

  void make_current();

  /// Between the two, the panels call ImGui. `now` paces blinking and double clicks.
  void begin_frame(raster::Size window, TimePoint now);
  /// Valid until the next begin_frame().
  const ImDrawData& end_frame();

  /// The panel under the pointer, or the text field in it, takes input that the guest must not get.
  bool wants_mouse();
  bool wants_keyboard();

 private:
  Gui() = default;

  ImGuiContext* context_ = nullptr;
  TimePoint last_frame_{};
};

}  // namespace cassia::client
