// SPDX-License-Identifier: Apache-2.0
#pragma once

// Draws what Dear ImGui made with OpenGL 3.3.

#include <memory>

#include "base/result.h"

struct ImDrawData;

namespace cassia::client {

/// Made, used and destroyed on the thread that holds the GL context, with the ImGui context current.
class GlRenderer {
 public:
  static Result<std::unique_ptr<GlRenderer>> create();
  ~GlRenderer();

  /// Once before each Gui::begin_frame().
  void new_frame();
  /// Onto the framebuffer that is bound.
  void render(const ImDrawData& data);

 private:
  GlRenderer() = default;
};

}  // namespace cassia::client
