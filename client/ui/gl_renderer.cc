// SPDX-License-Identifier: Apache-2.0
#include "client/ui/gl_renderer.h"

#include <imgui.h>

#include <backends/imgui_impl_opengl3.h>

namespace cassia::client {

Result<std::unique_ptr<GlRenderer>> GlRenderer::create() {
  if (!ImGui_ImplOpenGL3_Init("#version 330 core") || !ImGui_ImplOpenGL3_CreateDeviceObjects()) {
    return fail(ErrorKind::unsupported, "the panel's OpenGL 3.3 renderer did not start");
  }
  return std::unique_ptr<GlRenderer>(new GlRenderer);
}

GlRenderer::~GlRenderer() { ImGui_ImplOpenGL3_Shutdown(); }

void GlRenderer::new_frame() { ImGui_ImplOpenGL3_NewFrame(); }

void GlRenderer::render(const ImDrawData& data) {
  // The backend's signature is not const-correct; it does not change what it draws.
  ImGui_ImplOpenGL3_RenderDrawData(const_cast<ImDrawData*>(&data));
}

}  // namespace cassia::client
