// SPDX-License-Identifier: Apache-2.0
#include "server/display/mosaic.h"

#include <algorithm>

namespace cassia::server {

using raster::CopyBits;
using raster::DrawOp;
using raster::Point;
using raster::Rect;
using raster::Region;

namespace {

Region moved_by(Region region, Point offset) { return region.translate(offset.x, offset.y); }
Region moved_back(Region region, Point offset) { return region.translate(-offset.x, -offset.y); }

Region common(Region a, const Region& b) { return a.intersect(b); }

bool meet(const Region& a, const Region& b) {
  return a.bounds().intersects(b.bounds()) && !common(a, b).empty();
}

std::int64_t pixels_of(const Region& region) {
  std::int64_t sum = 0;
  for (const Rect& rect : region.rects()) sum += std::int64_t{rect.width()} * rect.height();
  return sum;
}

bool replaces_pixels(const DrawOp& op) {
  if (!op.clip.rects) return raster::opaque_area(op) == op.box;
  return raster::opaque_area(DrawOp{op.surface, op.box, {}, op.operation}) == op.box;
}

/// Their meaning does not depend on where they are.
bool can_be_placed(const DrawOp& op) {
  constexpr std::int32_t far = 1 << 24;  // beyond, coordinates could overflow
  if (!Rect{-far, -far, far, far}.contains(op.box)) return false;
  if (const auto* fill = std::get_if<raster::Fill>(&op.operation)) {
    return std::holds_alternative<raster::Color>(fill->brush);
  }
  if (const auto* copy = std::get_if<raster::Copy>(&op.operation)) {
    return copy->src.surface() == nullptr;
  }
  return std::holds_alternative<raster::Blackness>(op.operation) ||
         std::holds_alternative<raster::Whiteness>(op.operation);
}

}  // namespace

Region reach_of(const DrawOp& op, raster::Size surface) {
  Region region(op.box.intersected(Rect::of(surface)));
  if (op.clip.rects) region.intersect(Region(std::span<const Rect>(*op.clip.rects)));
  return region;
}

bool Mosaic::holds(const DrawOp& op) {
  if (std::holds_alternative<CopyBits>(op.operation)) return true;
  return can_be_placed(op) && replaces_pixels(op);
}

std::size_t Mosaic::draw(const SharedOpPtr& shared) {
  const DrawOp& op = shared->op();
  Region region = reach_of(op, size_);
  if (const auto* bits = std::get_if<CopyBits>(&op.operation)) {
    const std::int64_t dx = std::int64_t{op.box.left} - bits->src.x;
    const std::int64_t dy = std::int64_t{op.box.top} - bits->src.y;
    if (std::max(std::llabs(dx), std::llabs(dy)) > raster::max_side) return 0;
    const Point offset{static_cast<std::int32_t>(dx), static_cast<std::int32_t>(dy)};
    region.intersect(Rect::of(size_).translated(offset.x, offset.y));
    if (!region.empty() && offset != Point{}) move(region, offset);
    return 0;
  }
  if (region.empty()) return 0;
  const std::size_t covered = uncover(region);
  add({shared, {}, std::move(region)});
  return covered;
}

/// What was at `target` - offset lies at `target` too.
void Mosaic::move(const Region& target, Point offset) {
  const Region source = moved_back(target, offset);
  const Rect source_bounds = source.bounds();
  std::vector<Piece> arriving;
  Region unchanged = source;  // as it was in the earlier state
  for (const Piece& piece : pieces_) {
    if (!piece.region.bounds().intersects(source_bounds)) continue;
    Region part = common(piece.region, source);
    if (part.empty()) continue;
    unchanged.subtract(part);
    const Point from{piece.offset.x + offset.x, piece.offset.y + offset.y};
    arriving.push_back({piece.op, from, std::move(part.translate(offset.x, offset.y))});
  }
  Region stale = common(stale_, source);
  unchanged.subtract(stale);
  uncover(target);
  for (Piece& piece : arriving) add(std::move(piece));
  if (!unchanged.empty()) add({nullptr, offset, moved_by(std::move(unchanged), offset)});
  if (!stale.empty()) stale_.add(stale.translate(offset.x, offset.y));
}

/// Moved pieces that came the same way are one.
void Mosaic::add(Piece piece) {
  if (!piece.op) {
    if (piece.offset == Point{}) return;  // back where it was
    for (Piece& other : pieces_) {
      if (other.op || !(other.offset == piece.offset)) continue;
      other.region.add(piece.region);
      return;
    }
  } else {
    cost_ += piece.op->cost();
  }
  pieces_.push_back(std::move(piece));
}

std::size_t Mosaic::uncover(const Region& area) {
  stale_.subtract(area);
  const Rect bounds = area.bounds();
  return std::erase_if(pieces_, [&](Piece& piece) {
    if (!piece.region.bounds().intersects(bounds)) return false;
    piece.region.subtract(area);
    if (!piece.region.empty()) return false;
    if (piece.op) cost_ -= piece.op->cost();
    return true;
  });
}

void Mosaic::spoil(const Rect& area) {
  const Region inside(area.intersected(Rect::of(size_)));
  uncover(inside);
  stale_.add(inside);
}

void Mosaic::spoil_pieces() {
  for (const Piece& piece : pieces_) stale_.add(piece.region);
  pieces_.clear();
  cost_ = 0;
}

bool Mosaic::involves(const Rect& somewhere) const {
  const Rect area = somewhere.intersected(Rect::of(size_));
  return std::ranges::any_of(pieces_, [&](const Piece& piece) {
    if (piece.region.intersects(area)) return true;
    return !piece.op && piece.region.intersects(area.translated(piece.offset.x, piece.offset.y));
  });
}

/// One that overwrites no other's source, or end().
std::vector<Mosaic::Piece>::iterator Mosaic::next_move() {
  return std::ranges::find_if(pieces_, [&](const Piece& piece) {
    return !piece.op && std::ranges::none_of(pieces_, [&](const Piece& other) {
      return &other != &piece && !other.op &&
             meet(moved_back(other.region, other.offset), piece.region);
    });
  });
}

std::optional<Mosaic::Piece> Mosaic::take_move(std::vector<Piece>* unordered) {
  while (true) {
    if (const auto next = next_move(); next != pieces_.end()) return take(next);
    auto least = pieces_.end();
    for (auto piece = pieces_.begin(); piece != pieces_.end(); ++piece) {
      if (piece->op) continue;
      if (least == pieces_.end() || pixels_of(piece->region) < pixels_of(least->region)) {
        least = piece;
      }
    }
    if (least == pieces_.end()) return std::nullopt;
    Piece given_up = take(least);
    if (unordered != nullptr) {
      unordered->push_back(std::move(given_up));
    } else {
      stale_.add(given_up.region);
    }
  }
}

std::optional<Mosaic::Piece> Mosaic::take_drawn() {
  const auto drawn =
      std::ranges::find_if(pieces_, [](const Piece& piece) { return piece.op != nullptr; });
  if (drawn == pieces_.end()) return std::nullopt;
  return take(drawn);
}

Mosaic::Piece Mosaic::take(std::vector<Piece>::iterator piece) {
  Piece taken = std::move(*piece);
  pieces_.erase(piece);
  if (taken.op) cost_ -= taken.op->cost();
  return taken;
}

DrawOp placed(const DrawOp& op, Point offset, const Region& region) {
  DrawOp out = op;
  out.box = op.box.translated(offset.x, offset.y);
  out.clip.rects = region.rects();
  if (*out.clip.rects == std::vector{out.box}) out.clip.rects.reset();
  return out;
}

DrawOp move_op(raster::SurfaceId surface, const Mosaic::Piece& piece) {
  const Rect box = piece.region.bounds();
  auto rects = piece.region.rects();
  raster::Clip clip;
  if (rects.size() > 1) clip.rects = std::move(rects);
  return {surface, box, std::move(clip),
          CopyBits{{box.left - piece.offset.x, box.top - piece.offset.y}}};
}

SharedOpPtr as_command(const Mosaic::Piece& piece) {
  DrawOp op = placed(piece.op->op(), piece.offset, piece.region);
  if (op.box == piece.op->op().box && !op.clip.rects && !piece.op->op().clip.rects) return piece.op;
  return std::make_shared<SharedOp>(piece.op, std::make_shared<const DrawOp>(std::move(op)));
}

}  // namespace cassia::server
