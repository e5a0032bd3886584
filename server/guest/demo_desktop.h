// SPDX-License-Identifier: Apache-2.0
#pragma once

// The demo guest's desktop: wallpaper, windows and what they do. Each window's content lives on an
// off-screen surface; showing it is a copy from there, clipped to what other windows leave free.

#include <string>
#include <vector>

#include "server/guest/demo_painter.h"
#include "server/guest/demo_terminal.h"

namespace cassia::server {

/// What the pointer looks like over a place.
enum class DemoPointer : std::uint8_t { arrow, text, hand };

class DemoDesktop {
 public:
  DemoDesktop(GuestEvents& events, raster::Size size);

  /// Creates the surfaces and draws everything.
  void start(const std::string& clock_text);

  /// Another screen: everything is drawn anew, the windows keep their content and stay on it.
  void resize(raster::Size size);
  raster::Size size() const { return size_; }
  void set_terminal_command(DemoTerminal::Command command) {
    terminal_.set_command(std::move(command));
  }

  void set_clock(const std::string& text);
  /// A bar below the check box: how loud the microphone is, 0 to 100.
  void set_level(int level);
  void type(char character);
  void pointer_moved(raster::Point position);
  void button_down(raster::Point position);
  void button_up();
  DemoPointer pointer_at(raster::Point position) const;

 private:
  enum WindowKind : std::uint8_t { terminal_window, clock_window, controls_window };
  struct Window {
    WindowKind kind;
    raster::SurfaceId content;
    raster::Point position;  ///< of the frame
    raster::Size content_size;
    std::string title;

    raster::Rect frame() const;
    raster::Rect title_bar() const;
    raster::Rect inside() const;
  };

  void draw_wallpaper();
  void draw_controls();
  void draw_frame(const Window& window, const raster::Region& visible, bool active);
  void compose(const raster::Region& damage);
  void show_content(WindowKind kind, const raster::Rect& part);
  raster::Region visible_part(std::size_t index) const;
  void raise(std::size_t index);
  void move_top_window(raster::Point position);
  void click_controls(raster::Point inside);
  std::size_t window_at(raster::Point position) const;  ///< windows_.size(): none
  raster::Rect whole() const { return raster::Rect::of(size_); }

  DemoPainter painter_;
  raster::Size size_;
  DemoTerminal terminal_;
  std::vector<Window> windows_;  ///< bottom first; the last one is active
  bool dragging_ = false;
  raster::Point grip_;  ///< pointer position within the dragged window
  bool checked_ = false;
  unsigned clicks_ = 0;
};

}  // namespace cassia::server
