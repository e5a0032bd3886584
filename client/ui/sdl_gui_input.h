// SPDX-License-Identifier: Apache-2.0
#pragma once

// SDL's events as Dear ImGui's input. (Debian's libimgui carries no SDL backend.)

union SDL_Event;

namespace cassia::client {

/// Once per ImGui context, while it is current: the key map and the clipboard.
void attach_sdl_to_gui();
void detach_sdl_from_gui();
/// Gives the event to the current context. Harmless for events that do not concern it.
void feed_gui(const SDL_Event& event);
/// Focus lost or panel closed: no key or button stays down inside ImGui.
void release_gui_input();

}  // namespace cassia::client
