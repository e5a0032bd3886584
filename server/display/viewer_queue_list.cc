// SPDX-License-Identifier: Apache-2.0
// Draws that no Mosaic holds: what must be a command before they can be one.

#include "server/display/viewer_queue.h"

namespace cassia::server {

using raster::DrawOp;
using raster::Rect;
using raster::SurfaceId;

/// A draw that no Mosaic holds.
void ViewerQueue::list(const SharedOpPtr& op) {
  const DrawOp& draw = op->op();
  raster::for_each_image(draw.operation, [&](const raster::ImageRef& image) {
    if (image.surface() == nullptr) return;
    const Surface* source = store_.find(image.surface()->surface);
    if (source != nullptr) list_source(*source, draw.surface);
  });
  if (mosaics_.at(draw.surface).involves(draw.box)) list_pieces(draw.surface);
  if (must_be_stale(draw)) {
    mosaics_.at(draw.surface).spoil(draw.box);
  } else {
    push_draw(op);
  }
}

/// What the next command reads must be there by then.
void ViewerQueue::list_source(const Surface& source, SurfaceId target) {
  if (!planned_.contains(source.info.id)) push_create(source);
  list_pieces(source.info.id);
  // Its own target has changed already.
  if (!source.info.primary && source.info.id != target) list_stale(source);
}

/// Stale pixels of a surface that is about to be read are taken as they are now: later they may
/// be others, and what is copied from them is not corrected.
void ViewerQueue::list_stale(const Surface& source) {
  const SurfaceId id = source.info.id;
  Mosaic& mosaic = mosaics_.at(id);
  if (mosaic.stale().empty()) return;
  const Rect area = mosaic.stale().bounds();
  // More than would be kept anyway: the draw that reads it is sent as what it has led to.
  const auto pixel_count = static_cast<std::size_t>(area.width()) * area.height();
  if (pixel_count * sizeof(std::uint32_t) > limits_.max_bytes) return;
  auto pixels = store_.read(id, area);
  if (!pixels) return;
  raster::Copy copy;
  copy.src.source = std::make_shared<const raster::Bitmap>(std::move(*pixels));
  copy.src_area = Rect::of(area.size());
  push_draw(std::make_shared<SharedOp>(
      std::make_shared<const DrawOp>(DrawOp{id, area, {}, std::move(copy)}), store_.is_16_bit(id)));
  mosaic.stale().clear();
}

/// Makes commands of a Mosaic's pieces.
void ViewerQueue::list_pieces(SurfaceId id) {
  Mosaic& mosaic = mosaics_.at(id);
  while (const auto move = mosaic.take_move()) {
    push_draw(std::make_shared<SharedOp>(std::make_shared<const DrawOp>(move_op(id, *move)),
                                         store_.is_16_bit(id)));
  }
  while (const auto piece = mosaic.take_drawn()) push_draw(as_command(*piece));
}

bool ViewerQueue::must_be_stale(const DrawOp& op) const {
  bool reads_stale = false;
  raster::for_each_image(op.operation, [&](const raster::ImageRef& image) {
    if (image.surface() == nullptr) return;
    const auto mosaic = mosaics_.find(image.surface()->surface);
    reads_stale |= mosaic == mosaics_.end() || !mosaic->second.stale().empty();
  });
  return reads_stale || mosaics_.at(op.surface).stale().intersects(op.box);
}

}  // namespace cassia::server
