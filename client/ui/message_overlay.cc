// SPDX-License-Identifier: Apache-2.0
#include "client/ui/message_overlay.h"

#include <imgui.h>

namespace cassia::client {

void draw_message(const std::string& text) {
  const ImVec2 window = ImGui::GetIO().DisplaySize;
  ImGui::SetNextWindowPos({window.x / 2, window.y / 2}, ImGuiCond_Always, {0.5f, 0.5f});
  ImGui::SetNextWindowSizeConstraints({0, 0}, {window.x * 0.9f, window.y * 0.9f});
  constexpr ImGuiWindowFlags flags = ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoInputs |
                                     ImGuiWindowFlags_NoNav | ImGuiWindowFlags_NoFocusOnAppearing |
                                     ImGuiWindowFlags_AlwaysAutoResize;
  if (ImGui::Begin("##message", nullptr, flags)) {
    ImGui::PushTextWrapPos(window.x * 0.85f);
    ImGui::TextUnformatted(text.c_str());
    ImGui::PopTextWrapPos();
  }
  ImGui::End();
}

}  // namespace cassia::client
