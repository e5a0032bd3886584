// SPDX-License-Identifier: Apache-2.0
#include <SDL.h>

#include "client/app/window_presenter.h"
#include "client/ui/cpu_renderer.h"
#include "render/cairo/cairo_canvas.h"
#include "render/raster/pixman_image.h"

namespace cassia::client {
namespace {

using raster::Bitmap;
using raster::Rect;
using raster::Region;

class SurfacePresenter final : public WindowPresenter {
 public:
  SurfacePresenter(SDL_Window* window, CpuRenderer renderer)
      : window_(window), canvas_(raster::make_cairo_canvas()), gui_(std::move(renderer)) {}

  raster::Canvas& canvas() override { return *canvas_; }
  Result<void> present(const Frame& frame) override;

 private:
  Result<Bitmap> window_pixels();
  void draw_picture(const Frame& frame, Bitmap& target, const Rect& part);

  SDL_Window* window_;
  std::unique_ptr<raster::Canvas> canvas_;
  CpuRenderer gui_;
};

/// SDL hands out another surface after every resize, so it is asked for each time.
Result<Bitmap> SurfacePresenter::window_pixels() {
  SDL_Surface* surface = SDL_GetWindowSurface(window_);
  if (surface == nullptr)
    return fail(ErrorKind::io, "the window has no surface: {}", SDL_GetError());
  if (surface->format->BytesPerPixel != 4 || surface->format->Rmask != 0xFF0000) {
    return fail(ErrorKind::unsupported, "the window's pixels are {}, not 32-bit RGB",
                SDL_GetPixelFormatName(surface->format->format));
  }
  return Bitmap::wrap({surface->w, surface->h}, raster::PixelFormat::xrgb32, surface->pitch,
                      static_cast<std::uint8_t*>(surface->pixels), nullptr);
}

void SurfacePresenter::draw_picture(const Frame& frame, Bitmap& target, const Rect& part) {
  const auto to = raster::pixman_over(target);
  const auto black = raster::pixman_solid(0xFF000000);
  const Rect shown = frame.viewport.area();
  const Rect visible = part.intersected(shown);
  if (visible != part) {
    pixman_image_composite32(PIXMAN_OP_SRC, black.get(), nullptr, to.get(), 0, 0, 0, 0, part.left,
                             part.top, part.width(), part.height());
  }
  const auto surface = frame.screen.surface();
  const Bitmap* pixels = surface ? canvas_->peek(*surface) : nullptr;
  if (visible.empty() || pixels == nullptr) return;
  const Rect area = frame.screen.area();
  const auto from = raster::pixman_over(*pixels);
  if (frame.viewport.exact()) {
    pixman_image_composite32(PIXMAN_OP_SRC, from.get(), nullptr, to.get(),
                             visible.left - shown.left + area.left,
                             visible.top - shown.top + area.top, 0, 0, visible.left, visible.top,
                             visible.width(), visible.height());
    return;
  }
  raster::set_scaling(from.get(), area, shown, false);
  pixman_image_set_repeat(from.get(), PIXMAN_REPEAT_PAD);
  pixman_image_composite32(PIXMAN_OP_SRC, from.get(), nullptr, to.get(), visible.left - shown.left,
                           visible.top - shown.top, 0, 0, visible.left, visible.top,
                           visible.width(), visible.height());
}

Result<void> SurfacePresenter::present(const Frame& frame) {
  Bitmap target = CASSIA_TRY(window_pixels());
  Region damage = frame.damage;
  damage.intersect(Rect::of(target.size()));
  std::vector<SDL_Rect> updated;
  for (const Rect& part : damage.rects()) {
    draw_picture(frame, target, part);
    updated.push_back({part.left, part.top, part.width(), part.height()});
  }
  if (frame.cursor != nullptr && frame.cursor->visible()) {
    const Rect shown = frame.viewport.to_window(
        frame.cursor->box().translated(-frame.screen.area().left, -frame.screen.area().top));
    if (damage.intersects(shown)) {
      const auto from = raster::pixman_over(frame.cursor->picture());
      const auto to = raster::pixman_over(target);
      pixman_image_set_clip_region32(to.get(), const_cast<pixman_region32_t*>(damage.pixman()));
      const raster::Point at =
          frame.viewport.from_guest({frame.cursor->box().left - frame.screen.area().left,
                                     frame.cursor->box().top - frame.screen.area().top});
      pixman_image_composite32(PIXMAN_OP_OVER, from.get(), nullptr, to.get(), 0, 0, 0, 0, at.x,
                               at.y, frame.cursor->picture().width(),
                               frame.cursor->picture().height());
    }
  }
  if (frame.gui != nullptr) gui_.render(*frame.gui, target, damage);
  if (updated.empty()) return {};
  if (SDL_UpdateWindowSurfaceRects(window_, updated.data(), static_cast<int>(updated.size())) !=
      0) {
    return fail(ErrorKind::io, "the window was not updated: {}", SDL_GetError());
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<WindowPresenter>> make_surface_presenter(SDL_Window* window) {
  CpuRenderer renderer = CASSIA_TRY(CpuRenderer::create());
  return std::unique_ptr<WindowPresenter>(
      std::make_unique<SurfacePresenter>(window, std::move(renderer)));
}

}  // namespace cassia::client
