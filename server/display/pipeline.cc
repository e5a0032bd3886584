// SPDX-License-Identifier: Apache-2.0
#include "server/display/pipeline.h"

#include <algorithm>

#include "server/display/notice.h"

namespace cassia::server {

using raster::DrawOp;
using raster::DrawOpPtr;
using raster::SurfaceId;

Pipeline::Pipeline(std::unique_ptr<raster::Canvas> canvas, ViewerLimits limits,
                   std::uint8_t display)
    : display_(display), store_(std::move(canvas)), limits_(limits) {}

void Pipeline::surface_create(const channels::SurfaceInfo& surface) {
  if (store_.find(surface.id)) surface_destroy(surface.id);
  if (const auto made = store_.create(surface); !made) {
    problems_.report(
        fmt::format("display {} surface_create: {}", display_, made.error().message()));
    return;
  }
  if (keeps_history_) history_.created(*store_.find(surface.id));
  for (auto& queue : queues_) queue->surface_created(*store_.find(surface.id));
  if (surface.primary) {
    for (auto& scanout : scanouts_) scanout->set_primary(store_.primary());
  }
  flush_all();
}

void Pipeline::surface_destroy(SurfaceId id) {
  const Surface* surface = store_.find(id);
  if (!surface) return;
  const bool primary = surface->info.primary;
  if (primary) marked_ = false;
  store_.destroy(id);
  if (keeps_history_) history_.destroyed(id);
  if (primary) {
    for (auto& scanout : scanouts_) scanout->set_primary(nullptr);
  }
  for (auto& queue : queues_) queue->surface_destroyed(id);
  flush_all();
}

void Pipeline::reset() {
  std::vector<SurfaceId> ids;
  for (const auto& [id, surface] : store_.all()) ids.push_back(id);
  for (SurfaceId id : ids) surface_destroy(id);
  monitors_ = {};
}

void Pipeline::mark() {
  marked_ = true;
  for (auto& queue : queues_) queue->marked();
  flush_all();
}

void Pipeline::monitors(const channels::MonitorsConfig& config) {
  monitors_ = config;
  for (auto& queue : queues_) queue->monitors_changed(config);
  for (auto& scanout : scanouts_) scanout->monitors_changed(config);
  flush_all();
}

void Pipeline::draw(DrawOpPtr op) {
  auto shared = std::make_shared<SharedOp>(op, store_.is_16_bit(op->surface));
  const auto drawn = store_.draw(shared);
  if (!drawn) {
    problems_.report(fmt::format("display {} {}", display_, drawn.error().message()));
    return;
  }
  if (keeps_history_) history_.drawn(shared);
  for (auto& queue : queues_) queue->drawn(shared);
  flush_all();
  tell_damage(*op);
}

void Pipeline::tell_damage(const DrawOp& op) {
  const Surface* primary = store_.primary();
  if (scanouts_.empty() || primary == nullptr || primary->info.id != op.surface) return;
  const raster::Region damage = reach_of(op, primary->info.size);
  for (auto& scanout : scanouts_) scanout->damaged(damage);
}

void Pipeline::show_notice(const std::string& text) {
  if (!store_.primary()) {
    surface_create({0, {640, 480}, raster::PixelFormat::xrgb32, true});
    mark();
  }
  const Surface* primary = store_.primary();
  if (!primary) return;
  for (DrawOp& op : notice_ops(*primary, text)) draw(std::make_shared<const DrawOp>(std::move(op)));
}

ViewerQueue* Pipeline::attach(ViewerSink& sink) {
  queues_.push_back(std::make_unique<ViewerQueue>(store_, sink, limits_));
  ViewerQueue* queue = queues_.back().get();
  if (keeps_history_) queue->replay(history_);
  if (!monitors_.heads.empty()) queue->monitors_changed(monitors_);
  if (marked_) queue->marked();
  queue->flush();
  return queue;
}

void Pipeline::detach(ViewerQueue* queue) {
  std::erase_if(queues_, [&](const auto& held) { return held.get() == queue; });
}

ScanoutFeed* Pipeline::attach_scanout(ScanoutSink& sink) {
  scanouts_.push_back(std::make_unique<ScanoutFeed>(store_, sink));
  ScanoutFeed* feed = scanouts_.back().get();
  const Surface* primary = store_.primary();
  feed->set_primary(primary);
  if (!monitors_.heads.empty()) feed->monitors_changed(monitors_);
  return feed;
}

void Pipeline::detach(ScanoutFeed* feed) {
  std::erase_if(scanouts_, [&](const auto& held) { return held.get() == feed; });
}

Result<raster::Bitmap> Pipeline::picture() {
  const Surface* primary = store_.primary();
  if (!primary) return fail(ErrorKind::not_found, "the guest shows no picture yet");
  return store_.read(primary->info.id, raster::Rect::of(primary->info.size));
}

void Pipeline::flush_all() {
  for (auto& queue : queues_) queue->flush();
}

}  // namespace cassia::server
