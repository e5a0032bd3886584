// SPDX-License-Identifier: Apache-2.0
#pragma once

// Draws what Dear ImGui made onto pixels in memory, without a GPU: alpha-blended triangles with an
// 8-bit coverage texture (ImGui's font atlas).

#include <vector>

#include "base/result.h"
#include "render/raster/bitmap.h"
#include "render/raster/region.h"

struct ImDrawData;

namespace cassia::client {

/// Main thread only.
class CpuRenderer {
 public:
  /// Takes a copy of the atlas of the current ImGui context and tells ImGui its id.
  static Result<CpuRenderer> create();

  /// Blends `data` onto `target` (xrgb32 or argb32; alpha is left as it is), touching only pixels
  /// of `clip`. ImGui's display position (0,0) is the target's (0,0).
  void render(const ImDrawData& data, raster::Bitmap& target, const raster::Region& clip) const;

 private:
  CpuRenderer() = default;

  std::vector<std::uint8_t> atlas_;  ///< coverage, one byte a pixel
  raster::Size atlas_size_;
};

/// The window pixels that `data` may touch: the clip rectangles of its commands.
raster::Region covered_region(const ImDrawData& data, raster::Size window);

/// Equal for two frames only if they draw the same (a hash of vertices, indices and commands): lets
/// a still panel cost nothing.
std::uint64_t fingerprint(const ImDrawData& data);

}  // namespace cassia::client
