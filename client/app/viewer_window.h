// SPDX-License-Identifier: Apache-2.0
#pragma once

// The viewer's window: an SDL window, what presents the guest's picture in it (OpenGL, or the CPU
// where GL would be the CPU in disguise), and the GUI above.

#include <functional>
#include <memory>
#include <string>

#include "client/app/guest_cursor.h"
#include "client/app/options.h"
#include "client/app/window_presenter.h"
#include "client/input/viewport.h"
#include "client/session/screen.h"
#include "client/ui/gui.h"
#include "client/ui/sdl_gui_input.h"

struct SDL_Cursor;
struct SDL_Window;

namespace cassia::client {

struct WindowContents {
  Screen* screen = nullptr;
  const GuestCursor* cursor = nullptr;  ///< drawn into the picture if not null
  std::string message;                  ///< over the picture, unless empty
  std::function<void()> panel;          ///< draws the panel with ImGui, if set
};

/// Main thread only.
class ViewerWindow {
 public:
  static Result<std::unique_ptr<ViewerWindow>> create(const ViewerOptions& options);
  ~ViewerWindow();

  raster::Canvas& canvas() { return presenter_->canvas(); }
  Gui& gui() { return *gui_; }
  GuiInput& gui_input() { return *gui_input_; }
  const GuiInput& gui_input() const { return *gui_input_; }
  /// The GUI was drawn over this pixel of the window.
  bool gui_covers(raster::Point at) const {
    return gui_before_.contains(raster::Rect::of(at, {1, 1}));
  }
  /// Where the picture was at the last draw().
  const Viewport& viewport() const { return viewport_; }
  /// An X server shows it.
  bool on_x11() const;

  /// Brings what has changed to the screen; false if nothing had.
  Result<bool> draw(const WindowContents& contents, TimePoint now);
  /// The whole window must be drawn anew (exposed, resized).
  void invalidate() { whole_ = true; }

  void picture_resized(raster::Size picture);
  void toggle_fullscreen();
  void set_title(const std::string& title);
  void grab_keyboard(bool grab);
  /// The guest's pointer as the window's own (nothing while the guest hides it).
  void show_cursor(const GuestCursor& cursor);
  void show_plain_cursor();

 private:
  ViewerWindow() = default;
  raster::Size window_size() const;
  const ImDrawData* draw_gui(const WindowContents& contents, TimePoint now, raster::Size size);

  SDL_Window* window_ = nullptr;
  SDL_Cursor* cursor_ = nullptr;
  std::unique_ptr<Gui> gui_;
  std::unique_ptr<GuiInput> gui_input_;
  std::unique_ptr<WindowPresenter> presenter_;
  Viewport viewport_;
  raster::Size last_size_;
  raster::Rect cursor_before_;
  raster::Region gui_before_;
  std::uint64_t gui_print_ = 0;
  bool whole_ = true;
};

}  // namespace cassia::client
