// SPDX-License-Identifier: Apache-2.0
#include "client/ui/cpu_renderer.h"

#include <imgui.h>

#include <cmath>

#include "client/ui/triangle.h"

namespace cassia::client {
namespace {

using raster::Bitmap;
using raster::Rect;
using raster::Region;

Rect clip_of(const ImDrawCmd& cmd, const ImDrawData& data) {
  return {static_cast<std::int32_t>(std::floor(cmd.ClipRect.x - data.DisplayPos.x)),
          static_cast<std::int32_t>(std::floor(cmd.ClipRect.y - data.DisplayPos.y)),
          static_cast<std::int32_t>(std::ceil(cmd.ClipRect.z - data.DisplayPos.x)),
          static_cast<std::int32_t>(std::ceil(cmd.ClipRect.w - data.DisplayPos.y))};
}

TriangleVertex vertex_of(const ImDrawVert& v, const ImDrawData& data) {
  return {v.pos.x - data.DisplayPos.x, v.pos.y - data.DisplayPos.y, v.uv.x, v.uv.y, v.col};
}

std::uint64_t mix(std::uint64_t hash, const void* bytes, std::size_t size) {
  const auto* at = static_cast<const unsigned char*>(bytes);
  for (std::size_t i = 0; i < size; ++i) hash = (hash ^ at[i]) * 0x100000001b3u;
  return hash;
}

template <class Visitor>
void for_each_command(const ImDrawData& data, Visitor&& visit) {
  for (int i = 0; i < data.CmdListsCount; ++i) {
    const ImDrawList& list = *data.CmdLists[i];
    for (const ImDrawCmd& cmd : list.CmdBuffer) {
      if (cmd.UserCallback == nullptr && cmd.ElemCount > 0) visit(list, cmd);
    }
  }
}

}  // namespace

Result<CpuRenderer> CpuRenderer::create() {
  unsigned char* pixels = nullptr;
  int width = 0;
  int height = 0;
  ImGuiIO& io = ImGui::GetIO();
  io.Fonts->GetTexDataAsAlpha8(&pixels, &width, &height);
  if (pixels == nullptr || width <= 0 || height <= 0) {
    return fail(ErrorKind::internal, "the panel's font atlas is empty");
  }
  CpuRenderer renderer;
  renderer.atlas_.assign(pixels, pixels + static_cast<std::size_t>(width) * height);
  renderer.atlas_size_ = {width, height};
  io.Fonts->SetTexID(nullptr);
  return renderer;
}

void CpuRenderer::render(const ImDrawData& data, Bitmap& target, const Region& clip) const {
  const CoverageTexture texture{atlas_, atlas_size_};
  const Rect whole = Rect::of(target.size());
  for_each_command(data, [&](const ImDrawList& list, const ImDrawCmd& cmd) {
    const Rect bounds = clip_of(cmd, data).intersected(whole);
    if (bounds.empty() || !clip.intersects(bounds)) return;
    Region region = clip;
    region.intersect(bounds);
    for (const Rect& rect : region.rects()) {
      TriangleTarget pixels{target, rect};
      for (unsigned i = 0; i + 2 < cmd.ElemCount; i += 3) {
        const ImDrawIdx* index = list.IdxBuffer.Data + cmd.IdxOffset + i;
        const ImDrawVert* base = list.VtxBuffer.Data + cmd.VtxOffset;
        draw_triangle(pixels, texture, vertex_of(base[index[0]], data),
                      vertex_of(base[index[1]], data), vertex_of(base[index[2]], data));
      }
    }
  });
}

Region covered_region(const ImDrawData& data, raster::Size window) {
  Region region;
  const Rect whole = Rect::of(window);
  for_each_command(data, [&](const ImDrawList&, const ImDrawCmd& cmd) {
    region.add(clip_of(cmd, data).intersected(whole));
  });
  return region;
}

std::uint64_t fingerprint(const ImDrawData& data) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (int i = 0; i < data.CmdListsCount; ++i) {
    const ImDrawList& list = *data.CmdLists[i];
    hash = mix(hash, list.VtxBuffer.Data, static_cast<std::size_t>(list.VtxBuffer.size_in_bytes()));
    hash = mix(hash, list.IdxBuffer.Data, static_cast<std::size_t>(list.IdxBuffer.size_in_bytes()));
    for (const ImDrawCmd& cmd : list.CmdBuffer) {
      hash = mix(hash, &cmd.ClipRect, sizeof cmd.ClipRect);
      hash = mix(hash, &cmd.ElemCount, sizeof cmd.ElemCount);
    }
  }
  return hash;
}

}  // namespace cassia::client
