// SPDX-License-Identifier: Apache-2.0
#include "client/ui/sdl_gui_input.h"

#include <SDL.h>
#include <imgui.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace cassia::client {
namespace {

void set_key_map(ImGuiIO& io) {
  io.KeyMap[ImGuiKey_Tab] = SDL_SCANCODE_TAB;
  io.KeyMap[ImGuiKey_LeftArrow] = SDL_SCANCODE_LEFT;
  io.KeyMap[ImGuiKey_RightArrow] = SDL_SCANCODE_RIGHT;
  io.KeyMap[ImGuiKey_UpArrow] = SDL_SCANCODE_UP;
  io.KeyMap[ImGuiKey_DownArrow] = SDL_SCANCODE_DOWN;
  io.KeyMap[ImGuiKey_PageUp] = SDL_SCANCODE_PAGEUP;
  io.KeyMap[ImGuiKey_PageDown] = SDL_SCANCODE_PAGEDOWN;
  io.KeyMap[ImGuiKey_Home] = SDL_SCANCODE_HOME;
  io.KeyMap[ImGuiKey_End] = SDL_SCANCODE_END;
  io.KeyMap[ImGuiKey_Insert] = SDL_SCANCODE_INSERT;
  io.KeyMap[ImGuiKey_Delete] = SDL_SCANCODE_DELETE;
  io.KeyMap[ImGuiKey_Backspace] = SDL_SCANCODE_BACKSPACE;
  io.KeyMap[ImGuiKey_Space] = SDL_SCANCODE_SPACE;
  io.KeyMap[ImGuiKey_Enter] = SDL_SCANCODE_RETURN;
  io.KeyMap[ImGuiKey_Escape] = SDL_SCANCODE_ESCAPE;
  io.KeyMap[ImGuiKey_KeyPadEnter] = SDL_SCANCODE_KP_ENTER;
  io.KeyMap[ImGuiKey_A] = SDL_SCANCODE_A;
  io.KeyMap[ImGuiKey_C] = SDL_SCANCODE_C;
  io.KeyMap[ImGuiKey_V] = SDL_SCANCODE_V;
  io.KeyMap[ImGuiKey_X] = SDL_SCANCODE_X;
  io.KeyMap[ImGuiKey_Y] = SDL_SCANCODE_Y;
  io.KeyMap[ImGuiKey_Z] = SDL_SCANCODE_Z;
}

// ImGui wants the text to stay alive: SDL's copy is kept in the context's user data slot.
const char* get_clipboard(void* slot) {
  auto** kept = static_cast<void**>(slot);
  SDL_free(*kept);
  *kept = SDL_GetClipboardText();
  return static_cast<const char*>(*kept);
}
void set_clipboard(void*, const char* text) { SDL_SetClipboardText(text); }

void feed_key(ImGuiIO& io, const SDL_KeyboardEvent& key) {
  const auto code = static_cast<std::size_t>(key.keysym.scancode);
  if (code < std::size(io.KeysDown)) io.KeysDown[code] = key.type == SDL_KEYDOWN;
  const unsigned mod = key.keysym.mod;
  io.KeyShift = (mod & KMOD_SHIFT) != 0;
  io.KeyCtrl = (mod & KMOD_CTRL) != 0;
  io.KeyAlt = (mod & KMOD_ALT) != 0;
  io.KeySuper = (mod & KMOD_GUI) != 0;
}

void feed_button(ImGuiIO& io, const SDL_MouseButtonEvent& button) {
  int which = -1;
  if (button.button == SDL_BUTTON_LEFT) which = 0;
  if (button.button == SDL_BUTTON_RIGHT) which = 1;
  if (button.button == SDL_BUTTON_MIDDLE) which = 2;
  if (which < 0) return;
  io.MousePos = {static_cast<float>(button.x), static_cast<float>(button.y)};
  io.MouseDown[which] = button.type == SDL_MOUSEBUTTONDOWN;
}

void give(ImGuiIO& io, const SDL_Event& event) {
  switch (event.type) {
    case SDL_KEYDOWN:
    case SDL_KEYUP:
      feed_key(io, event.key);
      break;
    case SDL_TEXTINPUT:
      io.AddInputCharactersUTF8(event.text.text);
      break;
    case SDL_MOUSEMOTION:
      io.MousePos = {static_cast<float>(event.motion.x), static_cast<float>(event.motion.y)};
      break;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
      feed_button(io, event.button);
      break;
    case SDL_MOUSEWHEEL:
      io.MouseWheel += event.wheel.preciseY;
      io.MouseWheelH += event.wheel.preciseX;
      break;
    default:
      break;
  }
}

bool concerns_gui(Uint32 type) {
  switch (type) {
    case SDL_KEYDOWN:
    case SDL_KEYUP:
    case SDL_TEXTINPUT:
    case SDL_MOUSEMOTION:
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
    case SDL_MOUSEWHEEL:
      return true;
    default:
      return false;
  }
}

bool is_button(const SDL_Event& event) {
  return event.type == SDL_MOUSEBUTTONDOWN || event.type == SDL_MOUSEBUTTONUP;
}

/// Of a key or button; a repeat of the keyboard changes nothing.
bool is_change(const SDL_Event& event) {
  const bool key = event.type == SDL_KEYDOWN || event.type == SDL_KEYUP;
  return is_button(event) || (key && event.key.repeat == 0);
}

}  // namespace

GuiInput::GuiInput() {
  ImGuiIO& io = ImGui::GetIO();
  set_key_map(io);
  io.ConfigFlags |= ImGuiConfigFlags_NavEnableKeyboard;
  io.BackendPlatformName = "cassia_sdl2";
  io.GetClipboardTextFn = get_clipboard;
  io.SetClipboardTextFn = set_clipboard;
  io.ClipboardUserData = &io.BackendPlatformUserData;
}

GuiInput::~GuiInput() {
  ImGuiIO& io = ImGui::GetIO();
  SDL_free(std::exchange(io.BackendPlatformUserData, nullptr));
  io.GetClipboardTextFn = nullptr;
  io.SetClipboardTextFn = nullptr;
}

void GuiInput::feed(const SDL_Event& event) {
  if (concerns_gui(event.type)) events_.push_back(event);
}

void GuiInput::apply() {
  bool changed = false;
  bool clicked = false;
  for (; !events_.empty(); events_.pop_front()) {
    const SDL_Event& event = events_.front();
    if (changed && is_change(event)) return;
    // The click belongs to the place where it was.
    if (clicked && event.type == SDL_MOUSEMOTION) return;
    changed = changed || is_change(event);
    clicked = clicked || is_button(event);
    give(ImGui::GetIO(), event);
  }
}

void GuiInput::release() {
  events_.clear();
  ImGuiIO& io = ImGui::GetIO();
  std::fill(std::begin(io.KeysDown), std::end(io.KeysDown), false);
  std::fill(std::begin(io.MouseDown), std::end(io.MouseDown), false);
  io.KeyShift = io.KeyCtrl = io.KeyAlt = io.KeySuper = false;
  io.MousePos = {-std::numeric_limits<float>::max(), -std::numeric_limits<float>::max()};
}

}  // namespace cassia::client
