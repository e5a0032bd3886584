// SPDX-License-Identifier: Apache-2.0
#pragma once

// The authoritative surfaces of one display: what the guest has drawn, whoever watches.

#include <map>
#include <memory>

#include "channels/display/display_types.h"
#include "render/raster/canvas.h"

namespace cassia::server {

struct Surface {
  channels::SurfaceInfo info;
  /// Distinguishes surfaces that used the same id one after the other.
  std::uint64_t generation = 0;
};

class SurfaceStore {
 public:
  explicit SurfaceStore(std::unique_ptr<raster::Canvas> canvas) : canvas_(std::move(canvas)) {}

  /// Replaces a surface of the same id.
  Result<void> create(const channels::SurfaceInfo& info);
  void destroy(raster::SurfaceId id);
  /// Null if there is none.
  const Surface* find(raster::SurfaceId id) const;
  const Surface* primary() const;
  const std::map<raster::SurfaceId, Surface>& all() const { return surfaces_; }
  bool is_16_bit(raster::SurfaceId id) const;

  raster::Canvas& canvas() { return *canvas_; }

 private:
  std::unique_ptr<raster::Canvas> canvas_;
  std::map<raster::SurfaceId, Surface> surfaces_;
  std::uint64_t last_generation_ = 0;
};

}  // namespace cassia::server
