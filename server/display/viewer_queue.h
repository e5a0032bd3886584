// SPDX-License-Identifier: Apache-2.0
#pragma once

// What one viewer has still to be sent: a bounded list of commands, and behind it the regions that
// will be refreshed from the authoritative surfaces.
//
// A command that a later opaque one covers is dropped. When the list outgrows its limits, all of it
// becomes refresh regions: a viewer that cannot keep up is not sent history. A refresh shows the
// surface as it is when it is sent, hence the two rules that keep the viewer's picture right:
//   - refreshes leave only when the list is empty;
//   - a command that writes into, or reads from, a region that waits for its refresh is not listed:
//     the area it writes joins the refresh instead. (One that replaces its area whole shrinks it.)

#include <list>
#include <map>
#include <optional>
#include <vector>

#include "render/raster/region.h"
#include "server/display/shared_op.h"
#include "server/display/surface_store.h"
#include "server/display/viewer_sink.h"

namespace cassia::server {

struct ViewerLimits {
  std::size_t max_commands = 1024;
  std::size_t max_bytes = std::size_t{8} << 20;  ///< of image data held by the list
  std::size_t cover_scan = 128;        ///< commands looked at, newest first, for covered ones
  std::size_t refresh_patience = 256;  ///< commands sent before a waiting refresh takes over
};

struct ViewerCounters {
  std::uint64_t commands_sent = 0;
  std::uint64_t commands_covered = 0;  ///< dropped, because a later one replaces their pixels
  std::uint64_t refreshes_sent = 0;
  std::uint64_t overflows = 0;
};

/// Commands in their order, for viewers that join later (Pipeline::keep_history()).
class ViewerHistory {
 public:
  void created(const Surface& surface) { events_.push_back({surface.info.id, surface, nullptr}); }
  void destroyed(raster::SurfaceId id) { events_.push_back({id, {}, nullptr}); }
  void drawn(SharedOpPtr op) { events_.push_back({op->op().surface, {}, std::move(op)}); }

 private:
  friend class ViewerQueue;
  struct Event {
    raster::SurfaceId surface;
    std::optional<Surface> created;
    SharedOpPtr op;  ///< neither: destroyed
  };
  std::vector<Event> events_;
};

class ViewerQueue {
 public:
  /// Starts as that of a viewer that knows nothing: everything there is will be sent.
  ViewerQueue(SurfaceStore& store, ViewerSink& sink, ViewerLimits limits);

  /// Right after it was made: sends what has happened instead of how things are. The limits do not
  /// hold for it.
  void replay(const ViewerHistory& history);

  // After the store has changed:
  void surface_created(const Surface& surface);
  void surface_destroyed(raster::SurfaceId id);
  void drawn(const SharedOpPtr& op);
  void marked();
  void monitors_changed(const channels::MonitorsConfig& config);

  /// Sends while the sink is writable and something waits.
  void flush();

  bool idle() const { return items_.empty() && !refresh_waits() && !mark_due_ && !monitors_due_; }
  std::size_t commands() const { return items_.size(); }
  std::size_t bytes() const { return bytes_; }
  const ViewerCounters& counters() const { return counters_; }

 private:
  enum class Kind : std::uint8_t { create, destroy, draw };
  struct Item {
    Kind kind;
    raster::SurfaceId surface;
    Surface created;  ///< of create
    SharedOpPtr op;   ///< of draw
  };
  using Items = std::list<Item>;

  Items::iterator drop(Items::iterator item);
  void drop_covered(const raster::DrawOp& op);
  bool must_join_refresh(const raster::DrawOp& op) const;
  void add_refresh(raster::SurfaceId id, const raster::Rect& area);
  bool refresh_waits() const { return !refresh_.empty(); }
  void resync();
  void resync_surface(const Surface& surface, std::map<raster::SurfaceId, raster::Region>& damage);
  void send(const Item& item);
  void send_draw(const SharedOpPtr& op);
  void send_refresh();
  bool send_mark();  ///< true: something was sent
  bool flush_one();

  SurfaceStore& store_;
  ViewerSink& sink_;
  ViewerLimits limits_;
  Items items_;
  std::size_t bytes_ = 0;
  std::map<raster::SurfaceId, raster::Region> refresh_;  ///< no empty regions
  std::size_t sent_since_refresh_began_ = 0;
  std::map<raster::SurfaceId, std::uint64_t> known_;  ///< generations of the surfaces sent
  channels::MonitorsConfig monitors_;
  bool monitors_due_ = false;
  bool mark_due_ = false;
  std::size_t sent_while_mark_due_ = 0;  ///< commands
  ViewerCounters counters_;
};

}  // namespace cassia::server
