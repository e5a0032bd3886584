// SPDX-License-Identifier: Apache-2.0
#pragma once

// The canvas of Windows: surfaces are DIB sections. Fills, copies, binary and ternary raster
// operations, moves, blends and text are GDI's (PatBlt, BitBlt, SetDIBitsToDevice, MaskBlt,
// GdiAlphaBlend); for what GDI has no exact form of, the reference's code works on the same memory.
// docs/rendering.md has the table. Source: the Windows SDK's wingdi.h.

#include <optional>
#include <unordered_map>

#include "render/gdi/dib.h"
#include "render/raster/reference_canvas.h"

namespace cassia::raster::gdi {

/// One thread, as every canvas. Surfaces of the format a1 are in plain memory.
class GdiCanvas final : public ReferenceCanvas {
 public:
  static Result<std::unique_ptr<GdiCanvas>> create();

  std::string_view name() const override { return "gdi"; }
  const Bitmap* peek(SurfaceId id) const override;

  /// The surface for BitBlt() to a window, or null (none, or a1). Not while it is drawn on.
  HBITMAP handle(SurfaceId id) const;

 protected:
  Result<void> allocate(const Target& target) override;
  void release(SurfaceId id) override;
  Result<Bitmap> read_back(const Target& target, const Rect& area) override;
  Result<void> fill(const Target& target, const Region& region, const Paint& paint,
                    Rop rop) override;
  Result<void> blit(const Target& target, const Region& region, const Source& source, Point offset,
                    Rop rop) override;
  Result<void> stretch(const Target& target, const Region& region, const Source& source,
                       const Stretch& stretch, Rop rop) override;
  Result<void> color_key(const Target& target, const Region& region, const Source& source,
                         const Stretch& stretch, std::uint32_t key) override;
  Result<void> blend(const Target& target, const Region& region, const Source& source,
                     const Stretch& stretch, const BlendMode& mode) override;
  Result<void> paint_mask(const Target& target, const Region& region, const Paint& paint,
                          const Bitmap& mask, Point at) override;
  Result<void> ternary(const Target& target, const Region& region, const Source& source,
                       Point offset, const Paint& paint, std::uint8_t code) override;
  Result<void> composite(const Target& target, const Region& region, const Rect& box,
                         const Composite& op, const Source& source,
                         const std::optional<Source>& mask) override;
  Result<void> move(const Target& target, const Region& region, Point offset) override;

 private:
  GdiCanvas(OwnedDc target, OwnedDc source)
      : target_dc_(std::move(target)), source_dc_(std::move(source)) {}

  /// The surface is selected into target_dc_, clipped to a region.
  class Drawing;
  /// A bitmap for source_dc_: a surface's, or a copy of the part that is needed.
  struct Picture {
    std::optional<Dib> copy;
    HBITMAP handle = nullptr;
    Point at;  ///< of the source's pixels that the bitmap begins with
  };
  struct Brush {
    OwnedBrush owned;
    HBRUSH handle = nullptr;
    Point origin;
  };

  Result<Picture> picture_of(const Source& source, const Rect& part);
  /// Nothing for a tile that is too large to make a brush of.
  Result<std::optional<Brush>> brush_of(const Target& target, const Paint& paint);
  Result<void> copy_bits(const Target& target, const Region& region, const Bitmap& bitmap,
                         Point offset);
  Result<void> ternary_aside(const Target& target, const Region& region, const Dib& from,
                             const Brush& brush, std::uint8_t code);
  Result<std::optional<Picture>> blend_picture(const Target& target, const Source& source,
                                               const Rect& part, const BlendMode& mode);
  Result<Dib> painted(const Target& target, const Rect& part, const Paint& paint);
  /// Waits until GDI has drawn, so that the pixels may be looked at.
  void settle() const;

  OwnedDc target_dc_, source_dc_;
  std::unordered_map<SurfaceId, Dib> dibs_;
  mutable bool unsettled_ = false;
};

}  // namespace cassia::raster::gdi
