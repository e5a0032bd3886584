// SPDX-License-Identifier: Apache-2.0
#include "render/gl/context.h"

#include <GL/glew.h>
// EGL after GLEW, which must be the first GL header.
#include <EGL/egl.h>
#include <EGL/eglext.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>

namespace cassia::raster::gl {
namespace {

/// What glewInit() answers without an X display, although it has loaded everything.
constexpr GLenum no_glx_display = 4;

bool entry_points_loaded() {
  return glCreateShader != nullptr && glGenFramebuffers != nullptr &&
         glBlitFramebuffer != nullptr && glGenVertexArrays != nullptr && glUniform1ui != nullptr &&
         glClearBufferuiv != nullptr;
}

EGLDisplay surfaceless_display() {
  const auto get = reinterpret_cast<PFNEGLGETPLATFORMDISPLAYEXTPROC>(
      eglGetProcAddress("eglGetPlatformDisplayEXT"));
  const char* extensions = eglQueryString(EGL_NO_DISPLAY, EGL_EXTENSIONS);
  if (get != nullptr && extensions != nullptr &&
      std::strstr(extensions, "EGL_MESA_platform_surfaceless") != nullptr) {
    return get(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, nullptr);
  }
  return eglGetDisplay(EGL_DEFAULT_DISPLAY);
}

}  // namespace

bool is_software_renderer(std::string_view renderer) {
  std::string lower(renderer);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  constexpr std::array<std::string_view, 5> names = {"llvmpipe", "softpipe", "swrast",
                                                     "software rasterizer", "swr"};
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view name) { return lower.find(name) != std::string::npos; });
}

Result<std::unique_ptr<Context>> Context::create_headless() {
  std::unique_ptr<Context> context(new Context);
  context->display_ = surfaceless_display();
  if (context->display_ == EGL_NO_DISPLAY || !eglInitialize(context->display_, nullptr, nullptr)) {
    return fail(ErrorKind::unsupported, "OpenGL without a window: EGL has no surfaceless display");
  }
  if (!eglBindAPI(EGL_OPENGL_API)) {
    return fail(ErrorKind::unsupported, "OpenGL without a window: EGL has no desktop OpenGL");
  }
  constexpr std::array<EGLint, 3> config_wish = {EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_NONE};
  EGLConfig config = nullptr;
  EGLint count = 0;
  if (!eglChooseConfig(context->display_, config_wish.data(), &config, 1, &count) || count < 1) {
    config = nullptr;  // EGL_NO_CONFIG_KHR: good enough for a context without surfaces
  }
  constexpr std::array<EGLint, 7> wish = {EGL_CONTEXT_MAJOR_VERSION,
                                          3,
                                          EGL_CONTEXT_MINOR_VERSION,
                                          3,
                                          EGL_CONTEXT_OPENGL_PROFILE_MASK,
                                          EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT,
                                          EGL_NONE};
  context->context_ = eglCreateContext(context->display_, config, EGL_NO_CONTEXT, wish.data());
  if (context->context_ == EGL_NO_CONTEXT) {
    return fail(ErrorKind::unsupported, "OpenGL without a window: no 3.3 core context (EGL {:#x})",
                eglGetError());
  }
  CASSIA_TRY(context->make_current());
  CASSIA_TRY(context->load());
  return context;
}

Result<std::unique_ptr<Context>> Context::adopt_current() {
  std::unique_ptr<Context> context(new Context);
  CASSIA_TRY(context->load());
  return context;
}

Context::~Context() {
  if (context_ == nullptr) return;
  if (eglGetCurrentContext() == context_) {
    eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
  }
  eglDestroyContext(display_, context_);
}

Result<void> Context::make_current() {
  if (context_ == nullptr) return {};
  if (eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, context_)) return {};
  return fail(ErrorKind::unsupported, "OpenGL: the context cannot be made current (EGL {:#x})",
              eglGetError());
}

Result<void> Context::load() {
  glewExperimental = GL_TRUE;
  const GLenum status = glewInit();
  if (status != GLEW_OK && status != no_glx_display) {
    return fail(ErrorKind::unsupported, "OpenGL: {}",
                reinterpret_cast<const char*>(glewGetErrorString(status)));
  }
  if (!entry_points_loaded()) {
    return fail(ErrorKind::unsupported, "OpenGL: the driver lacks functions of version 3.3");
  }
  glGetError();  // GLEW may leave an error behind in core profiles
  GLint major = 0, minor = 0;
  glGetIntegerv(GL_MAJOR_VERSION, &major);
  glGetIntegerv(GL_MINOR_VERSION, &minor);
  const auto* name = reinterpret_cast<const char*>(glGetString(GL_RENDERER));
  renderer_ = name != nullptr ? name : "unknown";
  if (major * 10 + minor < 33) {
    return fail(ErrorKind::unsupported, "OpenGL 3.3 is needed, {} has {}.{}", renderer_, major,
                minor);
  }
  return {};
}

}  // namespace cassia::raster::gl
