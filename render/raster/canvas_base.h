// SPDX-License-Identifier: Apache-2.0
#pragma once

// What every drawing canvas shares: the table of surfaces, checks, clips, masks, damage, and the
// lowering of the fourteen draw operations to the few primitives that a backend implements.
// Semantics: SPICE's display messages, as the software canvas of the reference client draws them;
// docs/rendering.md names the cases where that canvas and the protocol differ.

#include <optional>
#include <unordered_map>
#include <variant>

#include "render/raster/canvas.h"

namespace cassia::raster {

class CanvasBase : public Canvas {
 public:
  Result<void> create_surface(SurfaceId id, Size size, PixelFormat format) final;
  void destroy_surface(SurfaceId id) final;
  void destroy_all() final;
  bool has_surface(SurfaceId id) const final { return surfaces_.contains(id); }
  Size surface_size(SurfaceId id) const final;
  PixelFormat surface_format(SurfaceId id) const final;
  Result<void> draw(const DrawOp& op) final;
  Result<Bitmap> read(SurfaceId id, const Rect& area) final;
  Region take_damage(SurfaceId id) final;

 protected:
  struct Target {
    SurfaceId id = 0;
    Size size;
    PixelFormat format = PixelFormat::xrgb32;
  };
  /// Pixels to draw from: a bitmap, or a surface other than the target.
  using Source = std::variant<BitmapPtr, SurfaceId>;
  /// `source`, whose pixel (0,0) lies at `origin` of the target, repeated in both directions.
  struct Tile {
    Source source;
    Point origin;
  };
  /// A solid raw pixel value, or a tile of the target's bits per pixel.
  using Paint = std::variant<std::uint32_t, Tile>;
  /// `from` of the source is stretched to `to` of the target; samples outside the source are 0.
  struct Stretch {
    Rect from;
    Rect to;
    ScaleMode mode = ScaleMode::nearest;

    bool scales() const { return from.size() != to.size(); }
    /// Source steps for one target pixel, 16.16.
    std::int32_t step_x() const;
    std::int32_t step_y() const;
  };
  struct BlendMode {
    std::uint8_t alpha = 255;
    bool target_has_alpha = false;  ///< take an xrgb32 target for argb32
    bool source_has_alpha = false;  ///< take an xrgb32 source for argb32
  };

  // The primitives. Each `region` is not empty and lies inside the target; unless said otherwise a
  // source has the target's bits per pixel, and values are combined raw.
  virtual Result<void> allocate(const Target& target) = 0;  ///< all zero; replaces nothing
  virtual void release(SurfaceId id) = 0;
  virtual Result<Bitmap> read_back(const Target& target, const Rect& area) = 0;
  virtual Result<void> fill(const Target& target, const Region& region, const Paint& paint,
                            Rop rop) = 0;
  /// Target (x, y) takes source (x - offset.x, y - offset.y), which exists.
  virtual Result<void> blit(const Target& target, const Region& region, const Source& source,
                            Point offset, Rop rop) = 0;
  virtual Result<void> stretch(const Target& target, const Region& region, const Source& source,
                               const Stretch& stretch, Rop rop) = 0;
  /// Copies what differs from `key` in its colour bits; scales by nearest pixel if sizes differ.
  virtual Result<void> color_key(const Target& target, const Region& region, const Source& source,
                                 const Stretch& stretch, std::uint32_t key) = 0;
  /// Porter-Duff OVER; the source has any format. Leaves the x of xrgb32 zero.
  virtual Result<void> blend(const Target& target, const Region& region, const Source& source,
                             const Stretch& stretch, const BlendMode& mode) = 0;
  /// OVER of an opaque paint through `mask` (a1 or a8), whose pixel (0,0) lies at `at`.
  /// Leaves the x of xrgb32 zero.
  virtual Result<void> paint_mask(const Target& target, const Region& region, const Paint& paint,
                                  const Bitmap& mask, Point at) = 0;
  virtual Result<void> ternary(const Target& target, const Region& region, const Source& source,
                               Point offset, const Paint& paint, std::uint8_t code) = 0;
  /// `box` is the operation's; images keep their own formats.
  virtual Result<void> composite(const Target& target, const Region& region, const Rect& box,
                                 const Composite& op, const Source& source,
                                 const std::optional<Source>& mask) = 0;
  /// Moves pixels of the target by `offset`; `region` is where they arrive.
  virtual Result<void> move(const Target& target, const Region& region, Point offset) = 0;

  std::optional<Target> target_of(SurfaceId id) const;
  Size size_of(const Source& source) const;
  PixelFormat format_of(const Source& source) const;
  /// The pixels of a source in memory (surfaces are read back).
  Result<BitmapPtr> in_memory(const Source& source);

 private:
  struct Entry {
    Target target;
    Region damage;
  };
  struct Job;  // one draw in progress: canvas_base_draw.cc

  std::unordered_map<SurfaceId, Entry> surfaces_;
};

/// `bitmap` with every pixel converted to `format`, as pixman converts.
Result<Bitmap> convert(const Bitmap& bitmap, PixelFormat format);

/// 0x00RRGGBB as a pixel of a 16-bit format.
std::uint32_t to_rgb555(Color color);
std::uint32_t to_rgb565(Color color);

/// The opaque colour 0xAARRGGBB that a raw pixel value of `format` stands for (alpha always 255).
std::uint32_t opaque_argb(std::uint32_t pixel, PixelFormat format);

}  // namespace cassia::raster
