// SPDX-License-Identifier: Apache-2.0
#pragma once

// What one viewer has still to be sent: commands in their order, then for each surface a Mosaic of
// how its pixels come to be what they are now.
//
// Draws that a Mosaic holds go there, so they vanish as others cover them, and scrolls fold. Any
// other draw that lies on them (or reads them) first makes commands of that Mosaic, and is listed
// behind them. When either outgrows its limits, everything becomes stale: a viewer that cannot keep
// up is not sent history but the surface as it is when it is sent. Three rules keep the viewer's
// picture right:
//   - commands leave first, then moves, then what was drawn, then what is stale;
//   - a draw that is not opaque and lies on stale pixels, or reads some, makes its own area stale;
//   - all but stale pixels of a Mosaic are told in terms of what the viewer has after the commands.
//
// A surface that is not the primary is sent once a command reads it, and as far as that needs it.

#include <list>
#include <map>
#include <optional>
#include <vector>

#include "server/display/mosaic.h"
#include "server/display/shared_op.h"
#include "server/display/surface_store.h"
#include "server/display/viewer_sink.h"

namespace cassia::server {

struct ViewerLimits {
  std::size_t max_commands = 1024;               ///< and pieces
  std::size_t max_bytes = std::size_t{8} << 20;  ///< of image data held
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

  bool idle() const;
  std::size_t commands() const;  ///< and pieces
  std::size_t bytes() const;
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
  void push_draw(SharedOpPtr op);
  void push_create(const Surface& surface);
  void list(const SharedOpPtr& op);
  void list_source(const Surface& source, raster::SurfaceId target);
  void list_stale(const Surface& source);
  void list_pieces(raster::SurfaceId id);
  bool must_be_stale(const raster::DrawOp& op) const;
  void keep_limits();
  void resync();

  const Mosaic* screen() const;  ///< of the primary surface, if the viewer knows that
  Mosaic* screen() { return const_cast<Mosaic*>(std::as_const(*this).screen()); }

  void send(const Item& item);
  void send_draw(const SharedOpPtr& op);
  bool send_piece();  ///< true: something was sent
  void send_stale();
  bool send_mark();
  bool send_item();
  bool flush_one();

  SurfaceStore& store_;
  ViewerSink& sink_;
  ViewerLimits limits_;
  Items items_;
  std::size_t bytes_ = 0;
  std::map<raster::SurfaceId, Mosaic> mosaics_;         ///< one for each surface there is
  std::size_t sent_while_stale_ = 0;                    ///< commands, instead of what is stale
  std::map<raster::SurfaceId, std::uint64_t> known_;    ///< generations of the surfaces sent
  std::map<raster::SurfaceId, std::uint64_t> planned_;  ///< as known_, once all commands are sent
  channels::MonitorsConfig monitors_;
  bool monitors_due_ = false;
  bool mark_due_ = false;
  std::size_t sent_while_mark_due_ = 0;  ///< commands
  ViewerCounters counters_;
};

}  // namespace cassia::server
