// SPDX-License-Identifier: Apache-2.0
#include "server/display/surface_store.h"

namespace cassia::server {

Result<void> SurfaceStore::create(const channels::SurfaceInfo& info) {
  CASSIA_TRY(canvas_->create_surface(info.id, info.size, info.format));
  surfaces_[info.id] = Surface{info, ++last_generation_};
  return {};
}

void SurfaceStore::destroy(raster::SurfaceId id) {
  canvas_->destroy_surface(id);
  surfaces_.erase(id);
}

const Surface* SurfaceStore::find(raster::SurfaceId id) const {
  const auto found = surfaces_.find(id);
  return found == surfaces_.end() ? nullptr : &found->second;
}

const Surface* SurfaceStore::primary() const {
  for (const auto& [id, surface] : surfaces_) {
    if (surface.info.primary) return &surface;
  }
  return nullptr;
}

bool SurfaceStore::is_16_bit(raster::SurfaceId id) const {
  const Surface* surface = find(id);
  return surface && raster::bits_per_pixel(surface->info.format) == 16;
}

}  // namespace cassia::server
