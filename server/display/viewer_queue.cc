// SPDX-License-Identifier: Apache-2.0
#include "server/display/viewer_queue.h"

#include "base/log.h"

namespace cassia::server {

using raster::DrawOp;
using raster::Rect;
using raster::Region;
using raster::SurfaceId;

namespace {

/// Many small rectangles cost more than the pixels between them.
constexpr std::size_t most_refresh_rects = 16;

std::int64_t area_of(const Rect& rect) { return std::int64_t{rect.width()} * rect.height(); }

/// The rectangle to refresh next.
Rect next_rect(const Region& region) {
  const auto rects = region.rects();
  std::int64_t total = 0;
  for (const Rect& rect : rects) total += area_of(rect);
  const bool merge = rects.size() > most_refresh_rects || area_of(region.bounds()) <= total * 5 / 4;
  return merge ? region.bounds() : rects.front();
}

/// True if the op reads pixels of a surface that it does not draw on, or of its own.
template <class Surfaces>
bool reads_any(const DrawOp& op, const Surfaces& surfaces) {
  for (const auto& [id, region] : surfaces) {
    if (raster::reads_surface(op, id)) return true;
  }
  return false;
}

}  // namespace

ViewerQueue::ViewerQueue(SurfaceStore& store, ViewerSink& sink, ViewerLimits limits)
    : store_(store), sink_(sink), limits_(limits) {
  resync();
}

void ViewerQueue::replay(const ViewerHistory& history) {
  items_.clear();
  refresh_.clear();
  for (const ViewerHistory::Event& event : history.events_) {
    if (event.created) {
      items_.push_back({Kind::create, event.surface, *event.created, nullptr});
    } else if (event.op) {
      items_.push_back({Kind::draw, event.surface, {}, event.op});
      bytes_ += event.op->cost();
    } else {
      items_.push_back({Kind::destroy, event.surface, {}, nullptr});
    }
  }
}

void ViewerQueue::surface_created(const Surface& surface) {
  refresh_.erase(surface.info.id);
  items_.push_back({Kind::create, surface.info.id, surface, nullptr});
  if (items_.size() > limits_.max_commands) resync();
}

void ViewerQueue::surface_destroyed(SurfaceId id) {
  refresh_.erase(id);
  // Draws on it that nothing reads any more go with it.
  for (auto item = items_.end(); item != items_.begin();) {
    --item;
    if (item->kind != Kind::draw) break;
    if (item->surface == id) {
      item = drop(item);
    } else if (raster::reads_surface(item->op->op(), id)) {
      break;
    }
  }
  items_.push_back({Kind::destroy, id, {}, nullptr});
  if (items_.size() > limits_.max_commands) resync();
}

void ViewerQueue::marked() { mark_due_ = true; }

void ViewerQueue::monitors_changed(const channels::MonitorsConfig& config) {
  monitors_ = config;
  monitors_due_ = true;
}

void ViewerQueue::drawn(const SharedOpPtr& op) {
  const DrawOp& draw = op->op();
  const Surface* surface = store_.find(draw.surface);
  if (!surface) return;
  if (refresh_waits() && must_join_refresh(draw)) {
    add_refresh(draw.surface, draw.box);
    return;
  }
  drop_covered(draw);
  items_.push_back({Kind::draw, draw.surface, {}, op});
  bytes_ += op->cost();
  if (items_.size() > limits_.max_commands || bytes_ > limits_.max_bytes) {
    ++counters_.overflows;
    resync();
  }
}

ViewerQueue::Items::iterator ViewerQueue::drop(Items::iterator item) {
  if (item->op) bytes_ -= item->op->cost();
  return items_.erase(item);
}

void ViewerQueue::drop_covered(const DrawOp& op) {
  const Rect area = raster::opaque_area(op);
  if (area.empty() || raster::reads_surface(op, op.surface)) return;
  if (const auto waiting = refresh_.find(op.surface); waiting != refresh_.end()) {
    waiting->second.subtract(area);
    if (waiting->second.empty()) refresh_.erase(waiting);
  }
  std::size_t scanned = 0;
  for (auto item = items_.end(); item != items_.begin() && scanned++ < limits_.cover_scan;) {
    --item;
    if (item->kind != Kind::draw) {
      if (item->surface == op.surface) return;
      continue;
    }
    const DrawOp& earlier = item->op->op();
    if (item->surface == op.surface && area.contains(earlier.box)) {
      item = drop(item);
      ++counters_.commands_covered;
    } else if (raster::reads_surface(earlier, op.surface)) {
      return;  // it needs what was drawn before it
    }
  }
}

bool ViewerQueue::must_join_refresh(const DrawOp& op) const {
  if (reads_any(op, refresh_)) return true;
  const auto waiting = refresh_.find(op.surface);
  if (waiting == refresh_.end() || !waiting->second.intersects(op.box)) return false;
  return raster::opaque_area(op) != op.box;
}

void ViewerQueue::add_refresh(SurfaceId id, const Rect& area) {
  const Surface* surface = store_.find(id);
  if (!surface) return;
  const Rect inside = area.intersected(Rect::of(surface->info.size));
  if (inside.empty()) return;
  if (refresh_.empty()) sent_since_refresh_began_ = 0;
  refresh_[id].add(inside);
}

/// Replaces the list by the difference between what the viewer has and what there is.
void ViewerQueue::resync() {
  std::map<SurfaceId, Region> damage = std::move(refresh_);
  for (const Item& item : items_) {
    if (item.kind == Kind::draw) damage[item.surface].add(item.op->op().box);
  }
  refresh_.clear();
  items_.clear();
  bytes_ = 0;
  for (const auto& [id, generation] : known_) {
    const Surface* surface = store_.find(id);
    if (!surface || surface->generation != generation) {
      items_.push_back({Kind::destroy, id, {}, nullptr});
    }
  }
  for (const auto& [id, surface] : store_.all()) resync_surface(surface, damage);
}

void ViewerQueue::resync_surface(const Surface& surface, std::map<SurfaceId, Region>& damage) {
  const SurfaceId id = surface.info.id;
  const auto known = known_.find(id);
  if (known == known_.end() || known->second != surface.generation) {
    items_.push_back({Kind::create, id, surface, nullptr});
    add_refresh(id, Rect::of(surface.info.size));
    return;
  }
  if (const auto found = damage.find(id); found != damage.end()) {
    for (const Rect& rect : found->second.rects()) add_refresh(id, rect);
  }
}

void ViewerQueue::send(const Item& item) {
  switch (item.kind) {
    case Kind::create:
      known_[item.surface] = item.created.generation;
      sink_.surface_create(item.created.info);
      break;
    case Kind::destroy:
      if (known_.erase(item.surface) != 0) sink_.surface_destroy(item.surface);
      break;
    case Kind::draw:
      if (mark_due_) ++sent_while_mark_due_;
      send_draw(item.op);
      break;
  }
}

void ViewerQueue::send_draw(const SharedOpPtr& op) {
  auto form = op->for_viewer(sink_);
  Result<void> sent;
  if (form) {
    sent = sink_.draw(**form);
  } else {
    sent = fail(form.error());
  }
  if (sent) {
    ++counters_.commands_sent;
    return;
  }
  log_debug("display", "sent as pixels: {}", sent.error().message());
  // The refresh will show the newest state: commands listed behind this one must not be applied to
  // it once more, so they join it.
  add_refresh(op->op().surface, op->op().box);
  if (!items_.empty()) resync();
}

void ViewerQueue::send_refresh() {
  const auto waiting = refresh_.begin();
  const SurfaceId id = waiting->first;
  const Rect area = next_rect(waiting->second);
  waiting->second.subtract(area);
  if (waiting->second.empty()) refresh_.erase(waiting);

  auto pixels = store_.canvas().read(id, area);
  if (!pixels) {
    log_warn("display", "surface {} cannot be read: {}", id, pixels.error().message());
    return;
  }
  raster::Copy copy;
  copy.src = encode_pixels(std::make_shared<const raster::Bitmap>(std::move(*pixels)),
                           sink_.encode_choice());
  copy.src_area = Rect::of(area.size());
  const auto sent = sink_.draw(DrawOp{id, area, {}, std::move(copy)});
  if (!sent) log_warn("display", "refresh not sent: {}", sent.error().message());
  ++counters_.refreshes_sent;
}

bool ViewerQueue::send_mark() {
  mark_due_ = false;
  sent_while_mark_due_ = 0;
  sink_.mark();
  return true;
}

bool ViewerQueue::flush_one() {
  // A guest that draws faster than the viewer takes it would hold the mark back for ever, and stock
  // clients show nothing without one.
  if (mark_due_ && sent_while_mark_due_ > limits_.refresh_patience && !refresh_waits()) {
    const Surface* primary = store_.primary();
    if (primary && known_.count(primary->info.id) != 0) return send_mark();
  }
  if (!items_.empty()) {
    if (refresh_waits() && ++sent_since_refresh_began_ > limits_.refresh_patience) {
      resync();
      sent_since_refresh_began_ = 0;
      if (items_.empty()) return true;
    }
    const Item item = std::move(items_.front());
    items_.pop_front();
    if (item.op) bytes_ -= item.op->cost();
    send(item);
    return true;
  }
  if (monitors_due_) {
    monitors_due_ = false;
    sink_.monitors(monitors_);
    return true;
  }
  if (refresh_waits()) {
    send_refresh();
    return true;
  }
  return mark_due_ && send_mark();
}

void ViewerQueue::flush() {
  while (sink_.writable() && flush_one()) {
  }
}

}  // namespace cassia::server
