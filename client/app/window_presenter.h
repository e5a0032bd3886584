// SPDX-License-Identifier: Apache-2.0
#pragma once

// Brings one frame to an SDL window. Two ways: from memory (on X11 shared with the server, which
// takes the damage straight from the canvas; else by SDL's window surface), or OpenGL (everything
// is drawn, the GPU does it).

#include <memory>

#include "client/app/guest_cursor.h"
#include "client/input/viewport.h"
#include "client/session/screen.h"

struct ImDrawData;
struct SDL_Window;

namespace cassia::client {

struct Frame {
  Screen& screen;
  const Viewport& viewport;
  const GuestCursor* cursor = nullptr;  ///< null: not drawn
  const ImDrawData* gui = nullptr;      ///< null: none
  raster::Region damage;                ///< window pixels that may differ from the last frame,
  std::optional<Scroll> scroll = {};    ///< after these have moved. None if something is drawn over
};

/// Main thread only.
class WindowPresenter {
 public:
  virtual ~WindowPresenter() = default;
  virtual raster::Canvas& canvas() = 0;
  /// Before Gui::begin_frame().
  virtual void new_gui_frame() {}
  virtual Result<void> present(const Frame& frame) = 0;
};

/// `window` must outlive them. The GUI's context must be current.
Result<std::unique_ptr<WindowPresenter>> make_surface_presenter(SDL_Window* window);
/// The window must have been made with SDL_WINDOW_OPENGL.
Result<std::unique_ptr<WindowPresenter>> make_gl_presenter(SDL_Window* window);

/// Is there a GL driver that draws on a GPU? Opens and closes a hidden window.
bool has_hardware_gl();

}  // namespace cassia::client
