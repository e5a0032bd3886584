// SPDX-License-Identifier: Apache-2.0
#pragma once

// SDL's events as Dear ImGui's input. (Debian's libimgui carries no SDL backend.)

#include <SDL_events.h>

#include <deque>

namespace cassia::client {

/// Made, used and destroyed on the main thread with one ImGui context current.
///
/// ImGui looks at the state of keys and buttons once a frame: a tap that begins and ends between
/// two frames would not be seen. So events wait here, and a frame gets at most one change of a key
/// or button.
class GuiInput {
 public:
  GuiInput();
  ~GuiInput();
  GuiInput(const GuiInput&) = delete;
  GuiInput& operator=(const GuiInput&) = delete;

  /// Harmless for events that do not concern the GUI.
  void feed(const SDL_Event& event);
  /// Before each frame: gives ImGui what it can tell apart in one.
  void apply();
  /// Another frame is due for what has come already.
  bool waiting() const { return !events_.empty(); }
  /// Focus lost or panel opened: no key or button stays down inside ImGui, nothing waits.
  void release();

 private:
  std::deque<SDL_Event> events_;
};

}  // namespace cassia::client
