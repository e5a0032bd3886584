// SPDX-License-Identifier: Apache-2.0
#pragma once

// Client side: draw messages to DrawOps.

#include <cstdint>
#include <map>
#include <optional>

#include "channels/display/image_store.h"
#include "protocol/spice/draw.h"
#include "render/raster/draw_op.h"

namespace cassia::channels {

struct KnownSurface {
  raster::Size size;
  raster::PixelFormat format = raster::PixelFormat::xrgb32;
};
using SurfaceMap = std::map<raster::SurfaceId, KnownSurface>;

raster::Rect to_raster(const spice::Rect& rect);
raster::Point to_raster(const spice::Point& point);
raster::Clip to_raster(const spice::Clip& clip);

/// Both referred to must outlive it.
class DrawReader {
 public:
  DrawReader(ImageStore& images, const SurfaceMap& surfaces)
      : images_(images), surfaces_(surfaces) {}

  /// Null if the draw is correct but changes nothing. Images are looked at, and so cached, even if
  /// something else is wrong with the draw, since later messages may refer to them.
  /// Images that are not ready are told by ImageStore::take_awaited().
  Result<std::shared_ptr<raster::DrawOp>> read(std::uint16_t type, ByteView body);

 private:
  template <class Message>
  Result<std::shared_ptr<raster::DrawOp>> read_as(ByteView body, std::uint16_t type);

  Result<raster::Operation> operation(const spice::CopyBits& m);
  Result<raster::Operation> operation(const spice::DrawFill& m);
  Result<raster::Operation> operation(const spice::DrawOpaque& m);
  Result<raster::Operation> operation(const spice::DrawCopy& m);
  Result<raster::Operation> operation(const spice::DrawMasked& m);
  Result<raster::Operation> operation(const spice::DrawRop3& m);
  Result<raster::Operation> operation(const spice::DrawTransparent& m);
  Result<raster::Operation> operation(const spice::DrawAlphaBlend& m);
  Result<raster::Operation> operation(const spice::DrawStroke& m);
  Result<raster::Operation> operation(const spice::DrawText& m);
  Result<raster::Operation> operation(const spice::DrawComposite& m);

  Result<raster::ImageRef> source(const std::optional<spice::Image>& image);
  Result<raster::Brush> brush(const spice::Brush& brush);
  Result<raster::Mask> mask(const spice::QMask& mask);

  ImageStore& images_;
  const SurfaceMap& surfaces_;
  raster::PixelFormat target_ = raster::PixelFormat::xrgb32;  // of the draw that is being read
  std::uint16_t type_ = 0;
};

}  // namespace cassia::channels
