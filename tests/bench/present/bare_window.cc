// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/present/bare_window.h"

#include <sys/ipc.h>
#include <sys/shm.h>

#include <algorithm>
#include <cstdlib>

namespace cassia::bench {
namespace {

std::uint16_t u16(std::int32_t value) { return static_cast<std::uint16_t>(value); }
std::int16_t s16(std::int32_t value) { return static_cast<std::int16_t>(value); }

void round_trip(xcb_connection_t* connection) {
  std::free(xcb_get_input_focus_reply(connection, xcb_get_input_focus(connection), nullptr));
}

}  // namespace

Result<BareWindow> BareWindow::open(raster::Size size, raster::Point at) {
  BareWindow w;
  w.size_ = size;
  w.connection_ = xcb_connect(nullptr, nullptr);
  if (xcb_connection_has_error(w.connection_) != 0) {
    return fail(ErrorKind::io, "no X server on DISPLAY");
  }
  const xcb_screen_t* screen = xcb_setup_roots_iterator(xcb_get_setup(w.connection_)).data;
  w.window_ = xcb_generate_id(w.connection_);
  const std::uint32_t values[] = {screen->black_pixel, 1};
  xcb_create_window(w.connection_, XCB_COPY_FROM_PARENT, w.window_, screen->root, s16(at.x),
                    s16(at.y), u16(size.width), u16(size.height), 0, XCB_WINDOW_CLASS_INPUT_OUTPUT,
                    screen->root_visual, XCB_CW_BACK_PIXEL | XCB_CW_OVERRIDE_REDIRECT, values);
  xcb_map_window(w.connection_, w.window_);
  w.context_ = xcb_generate_id(w.connection_);
  const std::uint32_t no_exposures = 0;
  xcb_create_gc(w.connection_, w.context_, w.window_, XCB_GC_GRAPHICS_EXPOSURES, &no_exposures);
  const auto bytes =
      static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height) * 4;
  const int key = ::shmget(IPC_PRIVATE, bytes, 0600);
  if (key < 0) return fail_errno(errno, "shmget");
  w.pixels_ = static_cast<std::uint32_t*>(::shmat(key, nullptr, 0));
  w.segment_ = xcb_generate_id(w.connection_);
  xcb_shm_attach(w.connection_, w.segment_, static_cast<std::uint32_t>(key), 1);
  round_trip(w.connection_);
  ::shmctl(key, IPC_RMID, nullptr);
  return w;
}

void BareWindow::fill(const raster::Rect& rect, std::uint32_t color) {
  for (std::int32_t y = rect.top; y < rect.bottom; ++y) {
    std::fill_n(pixels_ + std::ptrdiff_t{y} * size_.width + rect.left, rect.width(), color);
  }
}

void BareWindow::put(const raster::Rect& rect) {
  xcb_shm_put_image(connection_, window_, context_, u16(size_.width), u16(size_.height),
                    u16(rect.left), u16(rect.top), u16(rect.width()), u16(rect.height()),
                    s16(rect.left), s16(rect.top), 24, XCB_IMAGE_FORMAT_Z_PIXMAP, 0, segment_, 0);
  round_trip(connection_);
}

}  // namespace cassia::bench
