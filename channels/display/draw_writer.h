// SPDX-License-Identifier: Apache-2.0
#pragma once

// Server side: DrawOps to draw messages.

#include <cstdint>
#include <optional>
#include <vector>

#include "channels/display/image_writer.h"
#include "protocol/spice/draw.h"
#include "render/raster/draw_op.h"

namespace cassia::channels {

spice::Rect to_wire(const raster::Rect& rect);
spice::Point to_wire(const raster::Point& point);
spice::Clip to_wire(const raster::Clip& clip);

struct DrawMessage {
  std::uint16_t type = 0;
  std::vector<SharedBytes> pieces;
};

class DrawWriter {
 public:
  /// `images` must outlive it.
  explicit DrawWriter(ImageWriter& images) : images_(images) {}

  /// COMPOSITE only goes to clients that say they know it.
  void allow_composite(bool allowed) { composite_ = allowed; }

  /// Nothing if the op changes nothing (a rop that keeps the destination). Errors: unsupported, and
  /// not_found for surfaces.
  Result<std::optional<DrawMessage>> write(const raster::DrawOp& op);

 private:
  using Written = Result<std::optional<DrawMessage>>;
  Written message(const spice::DrawBase& base, const raster::Fill& op);
  Written message(const spice::DrawBase& base, const raster::Copy& op);
  Written message(const spice::DrawBase& base, const raster::Blend& op);
  Written message(const spice::DrawBase& base, const raster::Opaque& op);
  Written message(const spice::DrawBase& base, const raster::CopyBits& op);
  Written message(const spice::DrawBase& base, const raster::Blackness& op);
  Written message(const spice::DrawBase& base, const raster::Whiteness& op);
  Written message(const spice::DrawBase& base, const raster::Invers& op);
  Written message(const spice::DrawBase& base, const raster::Rop3& op);
  Written message(const spice::DrawBase& base, const raster::Transparent& op);
  Written message(const spice::DrawBase& base, const raster::AlphaBlend& op);
  Written message(const spice::DrawBase& base, const raster::Stroke& op);
  Written message(const spice::DrawBase& base, const raster::Text& op);
  Written message(const spice::DrawBase& base, const raster::Composite& op);

  template <class Op>
  Written copy_message(std::uint16_t type, const spice::DrawBase& base, const Op& op,
                       raster::Rop rop);
  Written masked_message(std::uint16_t type, const spice::DrawBase& base, const raster::Mask& mask);
  Result<spice::Brush> brush(const raster::Brush& brush);
  Result<spice::QMask> mask(const raster::Mask& mask);

  ImageWriter& images_;
  bool composite_ = false;
};

}  // namespace cassia::channels
