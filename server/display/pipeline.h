// SPDX-License-Identifier: Apache-2.0
#pragma once

// One display of a guest: its authoritative surfaces and the queues of all who watch it.

#include <memory>
#include <string>
#include <vector>

#include "base/problem_log.h"
#include "server/display/scanout_feed.h"
#include "server/display/surface_store.h"
#include "server/display/viewer_queue.h"

namespace cassia::server {

/// All calls on the event loop's thread.
class Pipeline {
 public:
  /// `canvas` holds the authoritative surfaces (raster::make_reference_canvas()); `display` is the
  /// number of the guest's display, for errors.
  explicit Pipeline(std::unique_ptr<raster::Canvas> canvas, ViewerLimits limits = {},
                    std::uint8_t display = 0);

  // What the guest does. A draw that cannot be carried out is logged and changes nothing anywhere.
  void surface_create(const channels::SurfaceInfo& surface);
  void surface_destroy(raster::SurfaceId id);
  void reset();  ///< all surfaces are gone
  void mark();
  void monitors(const channels::MonitorsConfig& config);
  void draw(raster::DrawOpPtr op);

  /// From now on viewers that join are sent every command there was instead of the picture it has
  /// led to. It is all kept: only for guests whose drawing comes to an end, such as draw pages.
  void keep_history() { keeps_history_ = true; }

  /// Draws a box with `text` over the last picture; on a screen of its own if there is none.
  /// The guest's next reset() (or any drawing of its own) removes it.
  void show_notice(const std::string& text);

  /// A viewer joins and is sent everything there is. `sink` must live until detach().
  ViewerQueue* attach(ViewerSink& sink);
  void detach(ViewerQueue* queue);
  /// Sends what waits for that viewer: its sink has become writable.
  void flush(ViewerQueue* queue) { queue->flush(); }

  /// A viewer joins that reads the picture from shared memory. `sink` must live until detach().
  ScanoutFeed* attach_scanout(ScanoutSink& sink);
  void detach(ScanoutFeed* feed);

  std::size_t viewers() const { return queues_.size() + scanouts_.size(); }
  /// A copy of the primary surface, or not_found.
  Result<raster::Bitmap> picture();
  /// The authoritative surfaces with all their draws carried out, to look at.
  raster::Canvas& surfaces() { return store_.settled(); }

 private:
  void flush_all();
  void tell_damage(const raster::DrawOp& op);

  const std::uint8_t display_;
  const SteadyClock clock_;
  ProblemLog problems_{"display", clock_};
  SurfaceStore store_;
  ViewerLimits limits_;
  std::vector<std::unique_ptr<ViewerQueue>> queues_;
  std::vector<std::unique_ptr<ScanoutFeed>> scanouts_;
  channels::MonitorsConfig monitors_;
  bool marked_ = false;
  bool keeps_history_ = false;
  ViewerHistory history_;
};

}  // namespace cassia::server
