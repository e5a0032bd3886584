// SPDX-License-Identifier: Apache-2.0
#include <SDL.h>

#include "base/log.h"
#include "client/app/window_presenter.h"
#include "client/ui/gl_renderer.h"
#include "render/gl/context.h"
#include "render/gl/gl_canvas.h"
#include "render/gl/presenter.h"

namespace cassia::client {
namespace {

using raster::Rect;

void ask_for_core_profile() {
  SDL_GL_SetAttribute(SDL_GL_CONTEXT_MAJOR_VERSION, 3);
  SDL_GL_SetAttribute(SDL_GL_CONTEXT_MINOR_VERSION, 3);
  SDL_GL_SetAttribute(SDL_GL_CONTEXT_PROFILE_MASK, SDL_GL_CONTEXT_PROFILE_CORE);
  SDL_GL_SetAttribute(SDL_GL_DOUBLEBUFFER, 1);
}

struct ContextDeleter {
  void operator()(void* context) const { SDL_GL_DeleteContext(context); }
};
using SdlContext = std::unique_ptr<void, ContextDeleter>;

class GlWindowPresenter final : public WindowPresenter {
 public:
  raster::Canvas& canvas() override { return *canvas_; }
  void new_gui_frame() override { gui_->new_frame(); }
  Result<void> present(const Frame& frame) override;

  SDL_Window* window_ = nullptr;
  // In the order in which they are made; each needs the ones before it to go away cleanly.
  SdlContext sdl_context_;
  std::unique_ptr<raster::gl::Context> context_;
  std::unique_ptr<raster::gl::GlCanvas> canvas_;
  std::unique_ptr<raster::gl::Presenter> presenter_;
  std::unique_ptr<GlRenderer> gui_;
};

Result<void> GlWindowPresenter::present(const Frame& frame) {
  int width = 0, height = 0;
  SDL_GL_GetDrawableSize(window_, &width, &height);
  const raster::Size size{width, height};
  presenter_->clear(size);
  if (const auto surface = frame.screen.surface()) {
    // The presenter shows whole surfaces: place it so that the monitor's part fills the viewport.
    const Rect area = frame.screen.area();
    const Rect shown = frame.viewport.area();
    const raster::Size whole = canvas_->surface_size(*surface);
    const auto scaled = [](std::int32_t value, std::int32_t to, std::int32_t from) {
      return static_cast<std::int32_t>(std::int64_t{value} * to / std::max(from, 1));
    };
    const Rect where =
        Rect::of(raster::Point{shown.left - scaled(area.left, shown.width(), area.width()),
                               shown.top - scaled(area.top, shown.height(), area.height())},
                 raster::Size{scaled(whole.width, shown.width(), area.width()),
                              scaled(whole.height, shown.height(), area.height())});
    CASSIA_TRY(presenter_->present(*canvas_, *surface, where, size));
  }
  if (frame.cursor != nullptr && frame.cursor->visible()) {
    const Rect box = frame.cursor->box();
    const Rect area = frame.screen.area();
    gui_->draw_sprite(frame.cursor->picture(),
                      frame.viewport.from_guest({box.left - area.left, box.top - area.top}), size);
  }
  if (frame.gui != nullptr) gui_->render(*frame.gui);
  SDL_GL_SwapWindow(window_);
  return {};
}

}  // namespace

Result<std::unique_ptr<WindowPresenter>> make_gl_presenter(SDL_Window* window) {
  auto presenter = std::make_unique<GlWindowPresenter>();
  presenter->window_ = window;
  presenter->sdl_context_.reset(SDL_GL_CreateContext(window));
  if (!presenter->sdl_context_) {
    return fail(ErrorKind::unsupported, "no OpenGL 3.3 context: {}", SDL_GetError());
  }
  SDL_GL_SetSwapInterval(1);
  presenter->context_ = CASSIA_TRY(raster::gl::Context::adopt_current());
  log_info("viewer", "OpenGL by {}", presenter->context_->renderer());
  presenter->canvas_ = CASSIA_TRY(raster::gl::GlCanvas::create());
  presenter->presenter_ = CASSIA_TRY(raster::gl::Presenter::create());
  presenter->gui_ = CASSIA_TRY(GlRenderer::create());
  return std::unique_ptr<WindowPresenter>(std::move(presenter));
}

bool has_hardware_gl() {
  ask_for_core_profile();
  SDL_Window* probe = SDL_CreateWindow("", 0, 0, 16, 16, SDL_WINDOW_OPENGL | SDL_WINDOW_HIDDEN);
  if (probe == nullptr) return false;
  bool hardware = false;
  if (const SdlContext context{SDL_GL_CreateContext(probe)}) {
    const auto adopted = raster::gl::Context::adopt_current();
    hardware = adopted && !(*adopted)->is_software_renderer();
    if (adopted) log_info("viewer", "OpenGL by {}", (*adopted)->renderer());
  }
  SDL_DestroyWindow(probe);
  return hardware;
}

}  // namespace cassia::client
