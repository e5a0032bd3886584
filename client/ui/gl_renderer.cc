// SPDX-License-Identifier: Apache-2.0
#include "client/ui/gl_renderer.h"

#include <GL/glew.h>
#include <backends/imgui_impl_opengl3.h>
#include <imgui.h>

#include <algorithm>
#include <vector>

namespace cassia::client {

Result<std::unique_ptr<GlRenderer>> GlRenderer::create() {
  if (!ImGui_ImplOpenGL3_Init("#version 330 core") || !ImGui_ImplOpenGL3_CreateDeviceObjects()) {
    return fail(ErrorKind::unsupported, "the panel's OpenGL 3.3 renderer did not start");
  }
  return std::unique_ptr<GlRenderer>(new GlRenderer);
}

GlRenderer::~GlRenderer() {
  if (sprite_ != 0) glDeleteTextures(1, &sprite_);
  ImGui_ImplOpenGL3_Shutdown();
}

void GlRenderer::new_frame() { ImGui_ImplOpenGL3_NewFrame(); }

void GlRenderer::render(const ImDrawData& data) {
  // The backend's signature is not const-correct; it does not change what it draws.
  ImGui_ImplOpenGL3_RenderDrawData(const_cast<ImDrawData*>(&data));
}

namespace {

/// Straight alpha and RGBA byte order, as ImGui's shader blends.
std::vector<std::uint32_t> rgba_of(const raster::Bitmap& picture) {
  std::vector<std::uint32_t> out;
  for (std::int32_t y = 0; y < picture.height(); ++y) {
    for (std::int32_t x = 0; x < picture.width(); ++x) {
      const std::uint32_t p = picture.row32(y)[x];
      const std::uint32_t a = p >> 24;
      const auto straight = [a](std::uint32_t c) {
        return a == 0 ? 0u : std::min(255u, (c * 255 + a / 2) / a);
      };
      out.push_back(a << 24 | straight(p & 0xFF) << 16 | straight((p >> 8) & 0xFF) << 8 |
                    straight((p >> 16) & 0xFF));
    }
  }
  return out;
}

}  // namespace

void GlRenderer::draw_sprite(const raster::Bitmap& picture, raster::Point at, raster::Size window) {
  if (sprite_ == 0) glGenTextures(1, &sprite_);
  glBindTexture(GL_TEXTURE_2D, sprite_);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
  glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, picture.width(), picture.height(), 0, GL_RGBA,
               GL_UNSIGNED_BYTE, rgba_of(picture).data());
  // One image of ImGui's, without a frame of ImGui's.
  ImDrawList list(ImGui::GetDrawListSharedData());
  list._ResetForNewFrame();
  const ImVec2 size(static_cast<float>(window.width), static_cast<float>(window.height));
  const ImVec2 corner(static_cast<float>(at.x), static_cast<float>(at.y));
  list.PushClipRect({0, 0}, size);
  list.PushTextureID(reinterpret_cast<ImTextureID>(static_cast<std::uintptr_t>(sprite_)));
  list.AddImage(reinterpret_cast<ImTextureID>(static_cast<std::uintptr_t>(sprite_)), corner,
                {corner.x + static_cast<float>(picture.width()),
                 corner.y + static_cast<float>(picture.height())});
  ImDrawList* lists[] = {&list};
  ImDrawData data;
  data.Valid = true;
  data.CmdLists = lists;
  data.CmdListsCount = 1;
  data.TotalIdxCount = list.IdxBuffer.Size;
  data.TotalVtxCount = list.VtxBuffer.Size;
  data.DisplaySize = size;
  data.FramebufferScale = {1, 1};
  ImGui_ImplOpenGL3_RenderDrawData(&data);
}

}  // namespace cassia::client
