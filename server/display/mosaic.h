// SPDX-License-Identifier: Apache-2.0
#pragma once

// How a surface differs from an earlier state of itself, as a partition of its pixels: each pixel
// is as it was, or was moved from elsewhere, or was drawn by one opaque op, or is merely known to
// have changed ("stale"). It answers the questions of an occlusion tree (what is still to be seen
// of an op once others lie upon it, in part or all together) and more: what a scroll moves moves in
// here too, so that a thousand scrolled lines come to one move and the lines that are left.
//
// The authoritative surfaces are drawn on that late (SurfaceStore), and each viewer's backlog is
// kept so (ViewerQueue). Its size is bounded by what can be seen, not by what was drawn.

#include <optional>
#include <vector>

#include "render/raster/region.h"
#include "server/display/shared_op.h"

namespace cassia::server {

class Mosaic {
 public:
  struct Piece {
    /// Null: these pixels were moved. Otherwise what drew them.
    SharedOpPtr op;
    /// What lies at p was at p - offset: in the earlier state, or where `op` would have put it.
    raster::Point offset;
    raster::Region region;  ///< where; never empty, and no two pieces share a pixel
  };

  explicit Mosaic(raster::Size size = {}) : size_(size) {}

  /// Only ops that replace pixels without reading any, from images of their own, and copy_bits.
  static bool holds(const raster::DrawOp& op);
  /// `op` must be one that it holds. The number of pieces that are covered by it now, and gone.
  std::size_t draw(const SharedOpPtr& op);
  /// From now on these pixels are stale.
  void spoil(const raster::Rect& area);
  /// Every piece becomes stale.
  void spoil_pieces();

  /// A piece lies there, or is moved from there. Stale pixels do not count.
  bool involves(const raster::Rect& area) const;
  const std::vector<Piece>& pieces() const { return pieces_; }
  raster::Region& stale() { return stale_; }
  const raster::Region& stale() const { return stale_; }
  bool empty() const { return pieces_.empty() && stale_.empty(); }
  /// Bytes of image data held, roughly: an op counts once for each piece of it.
  std::size_t cost() const { return cost_; }

  /// Takes the moved piece that must be carried out next; before any drawn piece or stale pixels.
  /// None: no move is left. Where moves would overwrite each other's sources, one of them goes to
  /// `unordered` (what it moves must be saved before the others), or becomes stale without it.
  std::optional<Piece> take_move(std::vector<Piece>* unordered = nullptr);
  /// Takes a drawn piece.
  std::optional<Piece> take_drawn();

 private:
  void move(const raster::Region& target, raster::Point offset);
  void add(Piece piece);
  std::size_t uncover(const raster::Region& area);
  std::vector<Piece>::iterator next_move();
  Piece take(std::vector<Piece>::iterator piece);

  raster::Size size_;
  std::vector<Piece> pieces_;
  raster::Region stale_;
  std::size_t cost_ = 0;
};

/// What `op` may change of a surface of that size: its box within its clip.
raster::Region reach_of(const raster::DrawOp& op, raster::Size surface);

/// `op`, an op that a Mosaic holds, at another place and only there.
raster::DrawOp placed(const raster::DrawOp& op, raster::Point offset, const raster::Region& region);
/// The copy_bits that carries out a moved piece.
raster::DrawOp move_op(raster::SurfaceId surface, const Mosaic::Piece& piece);
/// What carries out a drawn piece: its op itself, if nothing has become of it.
SharedOpPtr as_command(const Mosaic::Piece& piece);

}  // namespace cassia::server
