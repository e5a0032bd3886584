// SPDX-License-Identifier: Apache-2.0
#pragma once

// An OpenGL 3.3 core context that is current on the calling thread, with its entry points loaded.

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cassia::raster::gl {

/// True if a GL_RENDERER string names a driver that draws on the CPU: the memory canvas is faster.
bool is_software_renderer(std::string_view renderer);

class Context {
 public:
  /// A context of its own without any window (EGL, surfaceless), made current here.
  static Result<std::unique_ptr<Context>> create_headless();
  /// The context that is current already, e.g. of an SDL window, which stays its owner's.
  static Result<std::unique_ptr<Context>> adopt_current();

  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  /// Only for headless ones; an adopted context is made current by its window's toolkit.
  Result<void> make_current();
  const std::string& renderer() const { return renderer_; }
  bool is_software_renderer() const { return gl::is_software_renderer(renderer_); }

 private:
  Context() = default;
  Result<void> load();

  void* display_ = nullptr;  ///< EGLDisplay, shared by the whole process
  void* context_ = nullptr;  ///< EGLContext, ours; null if adopted
  std::string renderer_;
};

}  // namespace cassia::raster::gl
