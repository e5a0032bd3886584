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

/// An image larger than what is left to see of it is not sent for that: pixels are.
bool hardly_visible(const Mosaic::Piece& piece) {
  if (!std::holds_alternative<raster::Copy>(piece.op->op().operation)) return false;
  std::int64_t visible = 0;
  for (const Rect& rect : piece.region.rects()) visible += area_of(rect);
  return visible * 2 < area_of(piece.op->op().box);
}

}  // namespace

ViewerQueue::ViewerQueue(SurfaceStore& store, ViewerSink& sink, ViewerLimits limits)
    : store_(store), sink_(sink), limits_(limits) {
  resync();
}

void ViewerQueue::replay(const ViewerHistory& history) {
  items_.clear();
  planned_.clear();
  for (const auto& [id, surface] : store_.all()) mosaics_[id] = Mosaic(surface.info.size);
  for (const ViewerHistory::Event& event : history.events_) {
    if (event.created) {
      push_create(*event.created);
    } else if (event.op) {
      push_draw(event.op);
    } else {
      planned_.erase(event.surface);
      items_.push_back({Kind::destroy, event.surface, {}, nullptr});
    }
  }
}

void ViewerQueue::push_draw(SharedOpPtr op) {
  bytes_ += op->cost();
  const SurfaceId id = op->op().surface;
  items_.push_back({Kind::draw, id, {}, std::move(op)});
}

void ViewerQueue::push_create(const Surface& surface) {
  planned_[surface.info.id] = surface.generation;
  items_.push_back({Kind::create, surface.info.id, surface, nullptr});
}

void ViewerQueue::surface_created(const Surface& surface) {
  mosaics_[surface.info.id] = Mosaic(surface.info.size);
  if (surface.info.primary) push_create(surface);
  keep_limits();
}

void ViewerQueue::surface_destroyed(SurfaceId id) {
  mosaics_.erase(id);
  if (planned_.erase(id) == 0) return;  // the viewer never heard of it
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
  keep_limits();
}

void ViewerQueue::marked() { mark_due_ = true; }

void ViewerQueue::monitors_changed(const channels::MonitorsConfig& config) {
  monitors_ = config;
  monitors_due_ = true;
}

void ViewerQueue::drawn(const SharedOpPtr& op) {
  const DrawOp& draw = op->op();
  const auto mosaic = mosaics_.find(draw.surface);
  if (mosaic == mosaics_.end()) return;
  drop_covered(draw);
  if (Mosaic::holds(draw)) {
    counters_.commands_covered += mosaic->second.draw(op);
  } else if (!planned_.contains(draw.surface)) {
    mosaic->second.spoil(draw.box);
  } else {
    list(op);
  }
  keep_limits();
}

ViewerQueue::Items::iterator ViewerQueue::drop(Items::iterator item) {
  if (item->op) bytes_ -= item->op->cost();
  return items_.erase(item);
}

void ViewerQueue::drop_covered(const DrawOp& op) {
  const Rect area = raster::opaque_area(op);
  if (area.empty() || raster::reads_surface(op, op.surface)) return;
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

void ViewerQueue::keep_limits() {
  if (commands() <= limits_.max_commands && bytes() <= limits_.max_bytes) return;
  for (auto& [id, mosaic] : mosaics_) {
    const Surface* surface = store_.find(id);
    if (surface != nullptr && !surface->info.primary) mosaic.spoil_pieces();
  }
  if (commands() <= limits_.max_commands && bytes() <= limits_.max_bytes) return;
  ++counters_.overflows;
  resync();
}

std::size_t ViewerQueue::commands() const {
  std::size_t sum = items_.size();
  for (const auto& [id, mosaic] : mosaics_) sum += mosaic.pieces().size();
  return sum;
}

std::size_t ViewerQueue::bytes() const {
  std::size_t sum = bytes_;
  for (const auto& [id, mosaic] : mosaics_) sum += mosaic.cost();
  return sum;
}

/// Replaces commands and pieces by the difference between what the viewer has and what there is.
void ViewerQueue::resync() {
  for (const auto& [id, surface] : store_.all()) {
    const auto known = known_.find(id);
    const bool same = known != known_.end() && known->second == surface.generation;
    auto& mosaic = mosaics_.try_emplace(id, surface.info.size).first->second;
    mosaic.spoil_pieces();
    if (!same) mosaic.spoil(Rect::of(surface.info.size));
  }
  for (const Item& item : items_) {
    if (item.kind != Kind::draw) continue;
    const auto mosaic = mosaics_.find(item.surface);
    if (mosaic != mosaics_.end()) mosaic->second.spoil(item.op->op().box);
  }
  items_.clear();
  bytes_ = 0;
  planned_ = known_;
  for (const auto& [id, generation] : known_) {
    const Surface* surface = store_.find(id);
    if (surface && surface->generation == generation) continue;
    items_.push_back({Kind::destroy, id, {}, nullptr});
    planned_.erase(id);
  }
  const Surface* primary = store_.primary();
  if (primary != nullptr && !planned_.contains(primary->info.id)) push_create(*primary);
}

const Mosaic* ViewerQueue::screen() const {
  const Surface* primary = store_.primary();
  if (primary == nullptr || !known_.contains(primary->info.id)) return nullptr;
  const auto mosaic = mosaics_.find(primary->info.id);
  return mosaic == mosaics_.end() ? nullptr : &mosaic->second;
}

bool ViewerQueue::idle() const {
  const Mosaic* mosaic = screen();
  return items_.empty() && (mosaic == nullptr || mosaic->empty()) && !mark_due_ && !monitors_due_;
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
      send_draw(item.op);
      break;
  }
}

void ViewerQueue::send_draw(const SharedOpPtr& op) {
  if (mark_due_) ++sent_while_mark_due_;
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
  // Whatever builds on what this draw should have left would be wrong.
  const auto mosaic = mosaics_.find(op->op().surface);
  if (mosaic == mosaics_.end()) return;
  resync();
  mosaic->second.spoil(op->op().box);
}

bool ViewerQueue::send_piece() {
  Mosaic* mosaic = screen();
  if (mosaic == nullptr) return false;
  if (const auto move = mosaic->take_move()) {
    const SurfaceId id = store_.primary()->info.id;
    send_draw(std::make_shared<SharedOp>(std::make_shared<const DrawOp>(move_op(id, *move)),
                                         store_.is_16_bit(id)));
    return true;
  }
  if (mosaic->stale().empty()) {
    sent_while_stale_ = 0;
  } else if (mosaic->pieces().empty() || ++sent_while_stale_ > limits_.refresh_patience) {
    send_stale();
    return true;
  }
  const auto piece = mosaic->take_drawn();
  if (!piece) return false;
  if (hardly_visible(*piece)) {
    mosaic->stale().add(piece->region);
  } else {
    send_draw(as_command(*piece));
  }
  return true;
}

void ViewerQueue::send_stale() {
  const SurfaceId id = store_.primary()->info.id;
  Region& stale = screen()->stale();
  const Rect area = next_rect(stale);
  stale.subtract(area);
  auto pixels = store_.read(id, area);
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

bool ViewerQueue::send_item() {
  if (items_.empty()) return false;
  const Mosaic* mosaic = screen();
  if (mosaic != nullptr && !mosaic->stale().empty() &&
      ++sent_while_stale_ > limits_.refresh_patience) {
    resync();
    sent_while_stale_ = 0;
    if (items_.empty()) return true;
  }
  const Item item = std::move(items_.front());
  items_.pop_front();
  if (item.op) bytes_ -= item.op->cost();
  send(item);
  return true;
}

bool ViewerQueue::flush_one() {
  // A guest that draws faster than the viewer takes it would hold the mark back for ever, and stock
  // clients show nothing without one.
  const Mosaic* mosaic = screen();
  if (mark_due_ && sent_while_mark_due_ > limits_.refresh_patience && mosaic != nullptr &&
      mosaic->stale().empty()) {
    return send_mark();
  }
  if (send_item()) return true;
  if (monitors_due_) {
    monitors_due_ = false;
    sink_.monitors(monitors_);
    return true;
  }
  return send_piece() || (mark_due_ && send_mark());
}

void ViewerQueue::flush() {
  while (sink_.writable() && flush_one()) {
  }
}

}  // namespace cassia::server
