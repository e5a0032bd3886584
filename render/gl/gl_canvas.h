// SPDX-License-Identifier: Apache-2.0
#pragma once

// The canvas on the GPU: a surface is a texture of raw pixel values in a framebuffer, a draw is one
// pass of a shader over the rectangles of its region. Composites with other operators than those of
// Porter and Duff are done in memory on the pixels concerned.

#include <unordered_map>

#include "render/gl/program.h"
#include "render/gl/texture.h"
#include "render/gl/texture_cache.h"
#include "render/raster/canvas_base.h"

namespace cassia::raster::gl {

/// Every call, the destructor included, needs the context to be current on the calling thread.
class GlCanvas final : public CanvasBase {
 public:
  static constexpr std::size_t default_cache_bytes = std::size_t{128} << 20;

  static Result<std::unique_ptr<GlCanvas>> create(std::size_t cache_bytes = default_cache_bytes);
  ~GlCanvas() override;

  std::string_view name() const override { return "gl"; }
  Result<void> draw_video(SurfaceId surface, const Rect& box, const Clip& clip,
                          const VideoPlanes& planes) override;
  bool prefers_planes() const override { return true; }
  /// For the presenter; null if there is no such surface. Valid until the next call that changes
  /// it.
  const Texture* texture_of(SurfaceId id) const;

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
  /// Where video becomes pixels. Guests' surfaces have small numbers.
  static constexpr SurfaceId video_surface = 0xFFFFFFFE;

  /// The numbers of the fragment shader.
  enum class Pass { paint = 0, source = 1, key = 2, over = 3, mask = 4, ternary = 5 };
  enum Unit { source_unit = 0, tile_unit = 1, below_unit = 2, mask_unit = 3, unit_count = 4 };

  GlCanvas(Program program, std::size_t cache_bytes);
  /// The bits of a pixel that the format has.
  static std::uint32_t value_mask(PixelFormat format);

  void set(const char* name, int value);
  void set(const char* name, Point value);
  void set_unsigned(const char* name, std::uint32_t value);
  void bind(Unit unit, unsigned texture);

  void begin(Pass pass, const Target& target, PixelFormat as);
  /// Lets the shader read what lies below `region` at the moment.
  Result<void> use_below(const Target& target, const Region& region);
  Result<void> use_paint(const Paint& paint, PixelFormat as);
  /// `needed`: the part of the source that the pass reads, in its own coordinates.
  Result<void> use_source(const Source& source, const Rect& needed, PixelFormat as);
  void use_stretch(const Stretch& stretch, bool filtered);
  Result<void> use_scaled_source(const Region& region, const Source& source, const Stretch& stretch,
                                 bool filtered, PixelFormat as);
  void finish(const Target& target, const Region& region);

  struct Sampling;  // gl_canvas_composite.cc
  bool composites_itself(const Target& target, const Region& region, const Rect& box,
                         const Composite& op, bool masked) const;
  Result<void> use_picture(const Source& source, const Sampling& how);
  Result<void> composite_in_memory(const Target& target, const Region& region, const Rect& box,
                                   const Composite& op, const Source& source,
                                   const std::optional<Source>& mask);

  Result<void> use_plane(Unit unit, const char* name, const VideoPlanes::Plane& plane, Size size);
  Result<void> convert_video(const VideoPlanes& planes);

  /// A texture of at least `size` that is overwritten at every use.
  Result<const Texture*> scratch(Unit unit, Size size, PixelFormat format);

  Program program_;
  Program composite_program_;  ///< made when the first composite comes
  Program video_program_;      ///< likewise
  TextureCache cache_;
  std::unordered_map<SurfaceId, Texture> textures_;
  std::unordered_map<unsigned, Texture> scratch_;  ///< by unit and bits a pixel
  Texture nothing_;                                ///< for samplers that a pass does not read
  unsigned vertex_array_ = 0;
  unsigned vertex_buffer_ = 0;
};

}  // namespace cassia::raster::gl
