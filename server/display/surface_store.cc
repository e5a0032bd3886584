// SPDX-License-Identifier: Apache-2.0
#include "server/display/surface_store.h"

#include "base/log.h"

namespace cassia::server {

using raster::DrawOp;
using raster::Rect;
using raster::SurfaceId;

namespace {

/// Of image data held back, for each surface: two full screens.
constexpr std::size_t most_waiting_bytes = std::size_t{16} << 20;
/// Every one of them may have to move at every scroll: more would cost more than moving the pixels.
constexpr std::size_t most_waiting_pieces = 64;

bool is_32_bit(const raster::ImageRef& image) {
  return image.bitmap() != nullptr && raster::bits_per_pixel(image.bitmap()->format()) == 32;
}

/// Decoding it costs nothing, so it can be done again.
bool is_raw(const raster::ImageRef& image) {
  const auto* encoded = image.encoded();
  return encoded == nullptr || (encoded->codec == raster::ImageCodec::bitmap && encoded->top_down);
}

}  // namespace

Result<void> SurfaceStore::create(const channels::SurfaceInfo& info) {
  CASSIA_TRY(canvas_->create_surface(info.id, info.size, info.format));
  surfaces_[info.id] = Surface{info, ++last_generation_};
  waiting_[info.id] = Mosaic(info.size);
  return {};
}

void SurfaceStore::destroy(raster::SurfaceId id) {
  canvas_->destroy_surface(id);
  surfaces_.erase(id);
  waiting_.erase(id);
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

/// Whether nothing can go wrong when `op` is drawn later.
bool SurfaceStore::may_wait(const SharedOp& op, const DrawOp& decoded) const {
  const Surface* surface = find(op.op().surface);
  if (surface == nullptr || !Mosaic::holds(op.op())) return false;
  if (!op.op().box.intersects(Rect::of(surface->info.size)))
    return false;  // an error, told at once
  const auto* copy = std::get_if<raster::Copy>(&decoded.operation);
  if (copy == nullptr) return true;
  return is_raw(std::get<raster::Copy>(op.op().operation).src) && is_32_bit(copy->src) &&
         raster::bits_per_pixel(surface->info.format) == 32;
}

Result<void> SurfaceStore::draw(const SharedOpPtr& op) {
  auto outcome = op->decoded();
  if (!outcome) return fail(outcome.error().in(raster::name_of(op->op().operation)));
  const auto decoded = std::move(*outcome);
  const SurfaceId id = op->op().surface;
  if (!may_wait(*op, *decoded)) {
    settle_what_touches(*decoded);
    return canvas_->draw(*decoded);
  }
  Mosaic& waiting = waiting_.at(id);
  waiting.draw(op);
  if (waiting.pieces().size() > most_waiting_pieces || waiting.cost() > most_waiting_bytes) {
    settle(id);
  }
  return {};
}

void SurfaceStore::settle_what_touches(const DrawOp& op) {
  if (surfaces_.contains(op.surface)) settle(op.surface);
  raster::for_each_image(op.operation, [&](const raster::ImageRef& image) {
    if (image.surface() != nullptr && surfaces_.contains(image.surface()->surface)) {
      settle(image.surface()->surface);
    }
  });
}

/// Moves first, since draws may lie on what they move. Moves whose sources others overwrite
/// (windows that have swapped places) are copied aside before them.
void SurfaceStore::settle(SurfaceId id) {
  Mosaic& waiting = waiting_.at(id);
  if (waiting.pieces().empty()) return;
  std::vector<Mosaic::Piece> moves, aside;
  while (auto move = waiting.take_move(&aside)) moves.push_back(std::move(*move));
  std::vector<DrawOp> saved;
  for (const Mosaic::Piece& piece : aside) {
    const Rect to = piece.region.bounds();
    auto pixels = canvas_->read(id, to.translated(-piece.offset.x, -piece.offset.y));
    if (!pixels) continue;  // no memory: the picture is wrong there until it is drawn again
    raster::Copy copy;
    copy.src.source = std::make_shared<const raster::Bitmap>(std::move(*pixels));
    copy.src_area = Rect::of(to.size());
    saved.push_back({id, to, {piece.region.rects()}, std::move(copy)});
  }
  for (const Mosaic::Piece& piece : moves) execute(move_op(id, piece));
  for (const DrawOp& op : saved) execute(op);
  while (auto piece = waiting.take_drawn()) {
    if (const auto decoded = piece->op->decoded()) {
      execute(placed(**decoded, piece->offset, piece->region));
    }
  }
}

void SurfaceStore::execute(const DrawOp& op) {
  if (const auto drawn = canvas_->draw(op); !drawn) {
    log_warn("display", "{} on surface {} skipped: {}", raster::name_of(op.operation), op.surface,
             drawn.error().message());
  }
}

Result<raster::Bitmap> SurfaceStore::read(SurfaceId id, const Rect& area) {
  if (surfaces_.contains(id)) settle(id);
  return canvas_->read(id, area);
}

const raster::Bitmap* SurfaceStore::peek(SurfaceId id) {
  if (surfaces_.contains(id)) settle(id);
  return canvas_->peek(id);
}

raster::Canvas& SurfaceStore::settled() {
  for (const auto& [id, surface] : surfaces_) settle(id);
  return *canvas_;
}

}  // namespace cassia::server
