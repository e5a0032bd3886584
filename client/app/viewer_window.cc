// SPDX-License-Identifier: Apache-2.0
#include "client/app/viewer_window.h"

#include <SDL.h>

#include "base/log.h"
#include "client/app/x11_id.h"
#include "client/ui/cpu_renderer.h"
#include "client/ui/message_overlay.h"

namespace cassia::client {
namespace {

using raster::Rect;
using raster::Region;
using raster::Size;

constexpr Size first_size{800, 600};  // before the guest has a picture

void set_hints() {
  // The window's surface is shared memory with the X server, not a texture of a software GL.
  SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0");
  SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
  SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
  SDL_SetHint(SDL_HINT_MOUSE_FOCUS_CLICKTHROUGH, "1");
  SDL_SetHint(SDL_HINT_GRAB_KEYBOARD, "1");
}

/// SDL wants colours that are not premultiplied.
std::vector<std::uint32_t> straight_alpha(const raster::Bitmap& picture) {
  std::vector<std::uint32_t> out;
  for (std::int32_t y = 0; y < picture.height(); ++y) {
    for (std::int32_t x = 0; x < picture.width(); ++x) {
      const std::uint32_t p = picture.row32(y)[x];
      const std::uint32_t a = p >> 24;
      const auto part = [&](int shift) {
        const std::uint32_t c = (p >> shift) & 0xFF;
        return a == 0 ? 0u : std::min(255u, (c * 255 + a / 2) / a) << shift;
      };
      out.push_back(a << 24 | part(16) | part(8) | part(0));
    }
  }
  return out;
}

}  // namespace

Result<std::unique_ptr<ViewerWindow>> ViewerWindow::create(const ViewerOptions& options) {
  set_hints();
  if (SDL_Init(SDL_INIT_VIDEO) != 0) {
    return fail(ErrorKind::unsupported, "no window can be opened: {} (try --headless)",
                SDL_GetError());
  }
  const bool gl = options.renderer == RendererChoice::gl ||
                  (options.renderer == RendererChoice::automatic && has_hardware_gl());
  auto window = std::unique_ptr<ViewerWindow>(new ViewerWindow);
  Uint32 flags = SDL_WINDOW_RESIZABLE;
  if (gl) flags |= SDL_WINDOW_OPENGL;
  if (options.fullscreen) flags |= SDL_WINDOW_FULLSCREEN_DESKTOP;
  window->window_ = SDL_CreateWindow("Cassia", SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED,
                                     first_size.width, first_size.height, flags);
  if (window->window_ == nullptr) {
    return fail(ErrorKind::unsupported, "no window can be opened: {}", SDL_GetError());
  }
  window->gui_ = CASSIA_TRY(Gui::create());
  window->gui_input_ = std::make_unique<GuiInput>();
  window->presenter_ = gl ? CASSIA_TRY(make_gl_presenter(window->window_))
                          : CASSIA_TRY(make_surface_presenter(window->window_));
  log_info("viewer", "presenting with {}", gl ? "OpenGL" : "the CPU");
  return window;
}

ViewerWindow::~ViewerWindow() {
  if (gui_) {
    gui_->make_current();
    gui_input_.reset();
  }
  presenter_.reset();
  gui_.reset();
  if (cursor_ != nullptr) SDL_FreeCursor(cursor_);
  if (window_ != nullptr) SDL_DestroyWindow(window_);
  SDL_Quit();
}

bool ViewerWindow::on_x11() const { return x11_id(window_).has_value(); }

Size ViewerWindow::window_size() const {
  Size size;
  SDL_GetWindowSize(window_, &size.width, &size.height);
  return size;
}

const ImDrawData* ViewerWindow::draw_gui(const WindowContents& contents, TimePoint now, Size size) {
  if (!contents.panel && contents.message.empty()) return nullptr;
  gui_->make_current();
  presenter_->new_gui_frame();
  gui_input_->apply();
  gui_->begin_frame(size, now);
  if (!contents.message.empty()) draw_message(contents.message);
  if (contents.panel) contents.panel();
  return &gui_->end_frame();
}

Result<bool> ViewerWindow::draw(const WindowContents& contents, TimePoint now) {
  const Size size = window_size();
  Screen& screen = *contents.screen;
  const Viewport viewport = Viewport::fit(screen.area().size(), size);
  Region damage;
  const bool covered = contents.panel || !contents.message.empty() || !gui_before_.empty() ||
                       (contents.cursor != nullptr && contents.cursor->visible()) ||
                       !cursor_before_.empty();
  const bool whole = whole_ || size != last_size_ || viewport.area() != viewport_.area();
  if (whole) damage.add(Rect::of(size));
  // What is drawn over the picture must not move with it.
  Changes changes = screen.take_changes();
  if (whole || covered || !viewport.exact()) changes = painted(std::move(changes));
  if (changes.scroll) {
    const raster::Point corner = viewport.area().origin();
    changes.scroll->to = changes.scroll->to.translated(corner.x, corner.y);
  }
  viewport_ = viewport;
  last_size_ = size;
  whole_ = false;
  for (const Rect& rect : changes.damage.rects()) damage.add(viewport.to_window(rect));

  Rect cursor_now;
  if (contents.cursor != nullptr && contents.cursor->visible()) {
    const raster::Point corner = screen.area().origin();
    const Rect box = contents.cursor->box().translated(-corner.x, -corner.y);
    cursor_now = Rect::of(viewport.from_guest(box.origin()), box.size());
  }
  if (cursor_now != cursor_before_) {
    if (!cursor_before_.empty()) damage.add(cursor_before_);
    if (!cursor_now.empty()) damage.add(cursor_now);
    cursor_before_ = cursor_now;
  }

  const ImDrawData* gui = draw_gui(contents, now, size);
  const std::uint64_t print = gui != nullptr ? fingerprint(*gui) : 0;
  if (print != gui_print_) {
    damage.add(gui_before_);
    gui_before_ = gui != nullptr ? covered_region(*gui, size) : Region();
    damage.add(gui_before_);
    gui_print_ = print;
  }
  if (damage.empty() && !changes.scroll) return false;
  CASSIA_TRY(presenter_->present(
      {screen, viewport_, contents.cursor, gui, std::move(damage), changes.scroll}));
  return true;
}

void ViewerWindow::picture_resized(Size picture) {
  whole_ = true;
  const Uint32 kept = SDL_WINDOW_FULLSCREEN_DESKTOP | SDL_WINDOW_MAXIMIZED;
  if ((SDL_GetWindowFlags(window_) & kept) != 0) return;
  SDL_Rect room{0, 0, picture.width, picture.height};
  const int display = std::max(SDL_GetWindowDisplayIndex(window_), 0);
  SDL_GetDisplayUsableBounds(display, &room);
  const Viewport fitting = Viewport::fit(picture, {room.w, room.h}, false);
  const Size size = fitting.area().size();
  SDL_SetWindowSize(window_, size.width, size.height);
  // It grows to the right and down; not past the edge.
  SDL_Point at{};
  SDL_GetWindowPosition(window_, &at.x, &at.y);
  if (at.x + size.width > room.x + room.w || at.y + size.height > room.y + room.h) {
    const int centred = SDL_WINDOWPOS_CENTERED_DISPLAY(display);
    SDL_SetWindowPosition(window_, centred, centred);
  }
}

void ViewerWindow::toggle_fullscreen() {
  const bool full = (SDL_GetWindowFlags(window_) & SDL_WINDOW_FULLSCREEN_DESKTOP) != 0;
  SDL_SetWindowFullscreen(window_, full ? 0 : SDL_WINDOW_FULLSCREEN_DESKTOP);
  whole_ = true;
}

void ViewerWindow::set_title(const std::string& title) {
  SDL_SetWindowTitle(window_, title.c_str());
}

void ViewerWindow::grab_keyboard(bool grab) {
  SDL_SetWindowKeyboardGrab(window_, grab ? SDL_TRUE : SDL_FALSE);
}

void ViewerWindow::show_cursor(const GuestCursor& cursor) {
  // A guest that never gave a shape (a text console) leaves the pointer as it is.
  if (!cursor.has_shape()) return show_plain_cursor();
  if (!cursor.visible()) {
    SDL_ShowCursor(SDL_DISABLE);
    return;
  }
  std::vector<std::uint32_t> pixels = straight_alpha(cursor.picture());
  const Size size = cursor.picture().size();
  SDL_Surface* surface = SDL_CreateRGBSurfaceWithFormatFrom(
      pixels.data(), size.width, size.height, 32, size.width * 4, SDL_PIXELFORMAT_ARGB8888);
  SDL_Cursor* made =
      SDL_CreateColorCursor(surface, std::clamp(cursor.hot_spot().x, 0, size.width - 1),
                            std::clamp(cursor.hot_spot().y, 0, size.height - 1));
  SDL_FreeSurface(surface);
  if (made == nullptr) return show_plain_cursor();
  SDL_SetCursor(made);
  if (cursor_ != nullptr) SDL_FreeCursor(cursor_);
  cursor_ = made;
  SDL_ShowCursor(SDL_ENABLE);
}

void ViewerWindow::show_plain_cursor() {
  SDL_SetCursor(SDL_GetDefaultCursor());
  SDL_ShowCursor(SDL_ENABLE);
}

}  // namespace cassia::client
