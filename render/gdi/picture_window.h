// SPDX-License-Identifier: Apache-2.0
#pragma once

// A window of Windows that shows a surface of a GdiCanvas, pixel for pixel, and repaints itself.

#include <memory>
#include <string>

#include "render/gdi/gdi_canvas.h"

namespace cassia::raster::gdi {

/// One thread: the canvas' own.
class PictureWindow {
 public:
  /// A visible window with room for `size` pixels inside its frame. `canvas` must outlive it.
  static Result<std::unique_ptr<PictureWindow>> create(const GdiCanvas& canvas,
                                                       const std::string& title, Size size);
  ~PictureWindow();
  PictureWindow(const PictureWindow&) = delete;
  PictureWindow& operator=(const PictureWindow&) = delete;

  /// From now on it shows `area` of a surface; the window gets this size.
  Result<void> show(SurfaceId surface, const Rect& area);
  /// Copies what has changed, in coordinates of the area.
  Result<void> present(const Region& damage);

  /// What the window shows, read back from it.
  Result<Bitmap> capture() const;

  /// Handles the messages that wait; false once the user has closed the window.
  bool pump();
  /// Waits for messages until the user closes the window.
  void run_until_closed();

 private:
  explicit PictureWindow(const GdiCanvas& canvas) : canvas_(canvas) {}

  static LRESULT CALLBACK on_message(HWND window, UINT message, WPARAM wide, LPARAM low);
  Result<void> copy_to(HDC dc, const Region& damage) const;
  void paint();

  const GdiCanvas& canvas_;
  HWND window_ = nullptr;
  SurfaceId surface_ = 0;
  Rect area_;
  bool closed_ = false;
};

}  // namespace cassia::raster::gdi
