// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "render/gl/gl_canvas.h"

namespace cassia::raster::gl {

/// The largest rectangle of the picture's proportions in the middle of the window.
Rect letterbox(Size picture, Size window);

/// Draws surfaces of a GlCanvas to the window's framebuffer. Same context and thread as the canvas.
class Presenter {
 public:
  static Result<std::unique_ptr<Presenter>> create();
  ~Presenter();

  /// Black everywhere; call once at the start of a frame, before present().
  void clear(Size window);
  /// `where` in pixels of the window, y downwards; may reach outside. Filters if it scales.
  Result<void> present(const GlCanvas& canvas, SurfaceId surface, const Rect& where, Size window);

 private:
  explicit Presenter(Program program) : program_(std::move(program)) {}

  Program program_;
  unsigned vertex_array_ = 0;
  unsigned vertex_buffer_ = 0;
};

}  // namespace cassia::raster::gl
