// SPDX-License-Identifier: Apache-2.0
#include <SDL.h>

#include <limits>

#include "base/log.h"
#include "client/app/window_presenter.h"
#include "client/app/x11_id.h"
#include "client/app/x11_window.h"
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
      : window_(window),
        x11_(open_x11(window)),
        canvas_(raster::make_cairo_canvas(
            [this](auto id, auto size, auto format) { return surface_memory(id, size, format); })),
        gui_(std::move(renderer)) {}

  raster::Canvas& canvas() override { return *canvas_; }
  Result<void> present(const Frame& frame) override;

 private:
  static std::unique_ptr<X11Window> open_x11(SDL_Window* window);
  Bitmap surface_memory(raster::SurfaceId id, raster::Size size, raster::PixelFormat format);
  const Bitmap* direct_pixels(const Frame& frame) const;
  Result<void> present_direct(const Frame& frame, const Bitmap& pixels, Region& damage);
  Result<void> present_drawn(const Frame& frame, const Region& changed);
  Result<Bitmap> window_pixels();
  void draw_picture(const Frame& frame, Bitmap& target, const Rect& part);

  SDL_Window* window_;
  std::unique_ptr<X11Window> x11_;  ///< null: all goes through SDL
  std::unique_ptr<raster::Canvas> canvas_;
  CpuRenderer gui_;
};

std::unique_ptr<X11Window> SurfacePresenter::open_x11(SDL_Window* window) {
  const auto id = x11_id(window);
  if (!id) return nullptr;
  auto opened = X11Window::open(*id);
  if (opened) return std::move(*opened);
  log_info("viewer", "{}: presenting through SDL", opened.error().message());
  return nullptr;
}

/// The surfaces that a window shows: the primary one, and what stands for a scanout.
Bitmap SurfacePresenter::surface_memory(raster::SurfaceId id, raster::Size size,
                                        raster::PixelFormat format) {
  const bool shown = id == 0 || id == std::numeric_limits<raster::SurfaceId>::max();
  if (!x11_ || !shown || format != raster::PixelFormat::xrgb32) return {};
  auto memory = x11_->allocate(size);
  if (memory) return std::move(*memory);
  log_info("viewer", "{}: presenting through SDL", memory.error().message());
  return {};
}

/// What the X server can show as it is; null if it must be scaled, converted or drawn over.
const Bitmap* SurfacePresenter::direct_pixels(const Frame& frame) const {
  const auto surface = frame.screen.surface();
  if (!x11_ || !surface || !frame.viewport.exact() || frame.gui != nullptr) return nullptr;
  const Bitmap* pixels = canvas_->peek(*surface);
  return pixels != nullptr && x11_->owns(*pixels) ? pixels : nullptr;
}

Rect cursor_in_window(const Frame& frame) {
  if (frame.cursor == nullptr || !frame.cursor->visible()) return {};
  const raster::Point corner = frame.screen.area().origin();
  return frame.viewport.to_window(frame.cursor->box().translated(-corner.x, -corner.y));
}

/// Takes from `damage` what it has shown.
Result<void> SurfacePresenter::present_direct(const Frame& frame, const Bitmap& pixels,
                                              Region& damage) {
  const Rect shown = frame.viewport.area();
  const raster::Point corner = frame.screen.area().origin();
  const auto put = [&](const Rect& part) {
    const Rect from = part.translated(corner.x - shown.left, corner.y - shown.top);
    x11_->put(pixels, from, part.origin());
  };
  Region direct = damage;
  direct.intersect(shown);
  if (const Rect over = cursor_in_window(frame); !over.empty()) direct.subtract(over);
  if (frame.scroll) x11_->move(frame.scroll->to, frame.scroll->offset);
  if (!frame.scroll && direct.empty()) return {};
  for (const Rect& part : direct.rects()) put(part);
  const std::vector<Rect> exposed = CASSIA_TRY(x11_->finish());
  for (const Rect& part : exposed) put(part.intersected(shown));
  if (!exposed.empty()) CASSIA_TRY(x11_->finish());
  damage.subtract(direct);
  return {};
}

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
  Region damage = frame.damage;
  if (const Bitmap* pixels = direct_pixels(frame)) {
    CASSIA_TRY(present_direct(frame, *pixels, damage));
  } else if (frame.scroll) {
    damage.add(frame.scroll->to);
  }
  return damage.empty() ? Result<void>{} : present_drawn(frame, damage);
}

Result<void> SurfacePresenter::present_drawn(const Frame& frame, const Region& changed) {
  Bitmap target = CASSIA_TRY(window_pixels());
  Region damage = changed;
  damage.intersect(Rect::of(target.size()));
  std::vector<SDL_Rect> updated;
  for (const Rect& part : damage.rects()) {
    draw_picture(frame, target, part);
    updated.push_back({part.left, part.top, part.width(), part.height()});
  }
  if (frame.cursor != nullptr && frame.cursor->visible()) {
    if (damage.intersects(cursor_in_window(frame))) {
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
