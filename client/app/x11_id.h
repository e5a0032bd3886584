// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

struct SDL_Window;

namespace cassia::client {

/// The X server's number of a window; nothing where SDL shows it another way (Wayland).
std::optional<std::uint32_t> x11_id(SDL_Window* window);

}  // namespace cassia::client
