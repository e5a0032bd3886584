// SPDX-License-Identifier: Apache-2.0
// Apart from everything else: SDL_syswm.h brings Xlib's macros.
#include "client/app/x11_id.h"

#include <SDL.h>
#include <SDL_syswm.h>

namespace cassia::client {

std::optional<std::uint32_t> x11_id(SDL_Window* window) {
#ifdef SDL_VIDEO_DRIVER_X11
  SDL_SysWMinfo info;
  SDL_VERSION(&info.version);
  if (SDL_GetWindowWMInfo(window, &info) == SDL_TRUE && info.subsystem == SDL_SYSWM_X11) {
    return static_cast<std::uint32_t>(info.info.x11.window);
  }
#endif
  return std::nullopt;
}

}  // namespace cassia::client
