// SPDX-License-Identifier: Apache-2.0
#pragma once

// Draws what Dear ImGui made with OpenGL 3.3.

#include <memory>

#include "base/result.h"
#include "render/raster/bitmap.h"

struct ImDrawData;

namespace cassia::client {

/// Made, used and destroyed on the thread that holds the GL context, with the ImGui context
/// current.
class GlRenderer {
 public:
  static Result<std::unique_ptr<GlRenderer>> create();
  ~GlRenderer();

  /// Once before each Gui::begin_frame().
  void new_frame();
  /// Onto the framebuffer that is bound.
  void render(const ImDrawData& data);
  /// A picture (premultiplied argb32, at most 256 pixels a side) with its corner at `at` of a
  /// window of size `window`, blended: the guest's pointer.
  void draw_sprite(const raster::Bitmap& picture, raster::Point at, raster::Size window);

 private:
  GlRenderer() = default;
  unsigned sprite_ = 0;  ///< GL texture
};

}  // namespace cassia::client
