// SPDX-License-Identifier: Apache-2.0
#pragma once

// The picture of a display in memory that one viewer on this machine reads: no draws, no codec, no
// pixels on the wire. What changes while the viewer reads is kept as a region, and is the next
// draw.

#include <memory>

#include "base/shared_memory.h"
#include "channels/display/display_types.h"
#include "render/raster/region.h"
#include "server/display/surface_store.h"

namespace cassia::server {

/// One viewer's display channel, as a scanout needs it. All calls on the event loop's thread.
class ScanoutSink {
 public:
  virtual ~ScanoutSink() = default;
  virtual void gl_scanout(const channels::GlScanout& scanout) = 0;
  virtual void gl_draw(const raster::Rect& area) = 0;
  virtual void monitors(const channels::MonitorsConfig& config) = 0;
};

class ScanoutFeed {
 public:
  /// `store` and `sink` must outlive it.
  ScanoutFeed(SurfaceStore& store, ScanoutSink& sink) : store_(store), sink_(sink) {}

  /// The primary surface is another one, of which nothing is known yet; null: there is none.
  void set_primary(const Surface* primary);
  void damaged(const raster::Region& area);
  void monitors_changed(const channels::MonitorsConfig& config) { sink_.monitors(config); }
  /// The viewer has read the last gl_draw().
  void draw_done();

 private:
  void draw_next();
  Result<void> copy(const raster::Rect& area);

  SurfaceStore& store_;
  ScanoutSink& sink_;
  channels::SurfaceInfo primary_;
  std::uint32_t stride_ = 0;
  std::shared_ptr<SharedMemory> memory_;  ///< null while nothing is scanned out
  raster::Region waiting_;
  bool reading_ = false;  ///< a gl_draw() has not been answered
};

}  // namespace cassia::server
