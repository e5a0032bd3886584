// SPDX-License-Identifier: Apache-2.0
#pragma once

// The authoritative surfaces of one display: what the guest has drawn, whoever watches. Opaque
// draws and moves are held back until pixels are asked for: while every viewer keeps up nobody
// asks, and most of what a guest draws is soon drawn over or scrolled.

#include <map>
#include <memory>

#include "channels/display/display_types.h"
#include "render/raster/canvas.h"
#include "server/display/mosaic.h"

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

  /// Carries out a draw, sooner or later. On error nothing was drawn.
  Result<void> draw(const SharedOpPtr& op);
  /// A copy of `area` (clamped to the surface).
  Result<raster::Bitmap> read(raster::SurfaceId id, const raster::Rect& area);
  /// Canvas::peek(), after everything that was held back is drawn.
  const raster::Bitmap* peek(raster::SurfaceId id);
  /// All surfaces, with nothing held back. Draw on them through draw() only.
  raster::Canvas& settled();

 private:
  bool may_wait(const SharedOp& op, const raster::DrawOp& decoded) const;
  void settle(raster::SurfaceId id);
  void settle_what_touches(const raster::DrawOp& op);
  void execute(const raster::DrawOp& op);

  std::unique_ptr<raster::Canvas> canvas_;
  std::map<raster::SurfaceId, Surface> surfaces_;
  std::map<raster::SurfaceId, Mosaic> waiting_;  ///< one for each surface; never stale
  std::uint64_t last_generation_ = 0;
};

}  // namespace cassia::server
