// SPDX-License-Identifier: Apache-2.0
#include "render/cairo/cairo_canvas.h"

#include <cairo.h>

#include "render/raster/pixel_ops.h"
#include "render/raster/reference_canvas.h"

namespace cassia::raster {
namespace {

struct SurfaceDeleter {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
using CairoSurface = std::unique_ptr<cairo_surface_t, SurfaceDeleter>;

struct ContextDeleter {
  void operator()(cairo_t* context) const { cairo_destroy(context); }
};
using CairoContext = std::unique_ptr<cairo_t, ContextDeleter>;

/// Cairo has no x1r5g5b5.
std::optional<cairo_format_t> cairo_format(PixelFormat format) {
  switch (format) {
    case PixelFormat::a1:
      return CAIRO_FORMAT_A1;
    case PixelFormat::a8:
      return CAIRO_FORMAT_A8;
    case PixelFormat::rgb565:
      return CAIRO_FORMAT_RGB16_565;
    case PixelFormat::xrgb32:
      return CAIRO_FORMAT_RGB24;
    case PixelFormat::argb32:
      return CAIRO_FORMAT_ARGB32;
    case PixelFormat::rgb555:
      return std::nullopt;
  }
  return std::nullopt;
}

/// A Cairo surface on a bitmap's pixels, which must outlive it; null if Cairo has no such format.
CairoSurface cairo_over(const Bitmap& bitmap, bool as_argb = false) {
  const auto format = as_argb && bitmap.format() == PixelFormat::xrgb32
                          ? std::optional(CAIRO_FORMAT_ARGB32)
                          : cairo_format(bitmap.format());
  if (!format) return nullptr;
  CairoSurface surface(cairo_image_surface_create_for_data(const_cast<std::uint8_t*>(bitmap.row(0)),
                                                           *format, bitmap.width(), bitmap.height(),
                                                           bitmap.stride()));
  if (cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS) return nullptr;
  return surface;
}

class CairoCanvas final : public ReferenceCanvas {
 public:
  explicit CairoCanvas(SurfaceMemory memory) : memory_(std::move(memory)) {}
  std::string_view name() const override { return "cairo"; }

 protected:
  Result<void> allocate(const Target& target) override;
  Result<void> blend(const Target& target, const Region& region, const Source& source,
                     const Stretch& stretch, const BlendMode& mode) override;
  Result<void> paint_mask(const Target& target, const Region& region, const Paint& paint,
                          const Bitmap& mask, Point at) override;

 private:
  /// A context that draws on `target` inside `region` only, or null.
  static CairoContext context_for(cairo_surface_t* target, const Region& region);
  static Result<void> finish(cairo_t* context, cairo_surface_t* target);

  const SurfaceMemory memory_;
};

Result<void> CairoCanvas::allocate(const Target& target) {
  Bitmap given = memory_ ? memory_(target.id, target.size, target.format) : Bitmap();
  if (given.empty()) return ReferenceCanvas::allocate(target);
  adopt(target.id, std::move(given));
  return {};
}

CairoContext CairoCanvas::context_for(cairo_surface_t* target, const Region& region) {
  CairoContext context(cairo_create(target));
  // Whole pixels: without this Cairo would compute coverage for every rectangle.
  cairo_set_antialias(context.get(), CAIRO_ANTIALIAS_NONE);
  for_each_rect(region, [&](const Rect& r) {
    cairo_rectangle(context.get(), r.left, r.top, r.width(), r.height());
  });
  cairo_clip(context.get());
  return context;
}

Result<void> CairoCanvas::finish(cairo_t* context, cairo_surface_t* target) {
  const cairo_status_t status = cairo_status(context);
  cairo_surface_flush(target);
  if (status == CAIRO_STATUS_SUCCESS) return {};
  return fail(ErrorKind::internal, "cairo: {}", cairo_status_to_string(status));
}

Result<void> CairoCanvas::blend(const Target& target, const Region& region, const Source& source,
                                const Stretch& stretch, const BlendMode& mode) {
  Bitmap& bitmap = pixels(target.id);
  const CairoSurface to = cairo_over(bitmap, mode.target_has_alpha);
  const CairoSurface from = cairo_over(pixels(source), mode.source_has_alpha);
  // Cairo's matrices are doubles; scaling stays with pixman's 16.16, which the protocol's clients
  // agree on.
  if (!to || !from || stretch.scales()) {
    return ReferenceCanvas::blend(target, region, source, stretch, mode);
  }
  const CairoContext context = context_for(to.get(), region);
  cairo_set_source_surface(context.get(), from.get(), stretch.to.left - stretch.from.left,
                           stretch.to.top - stretch.from.top);
  cairo_pattern_set_filter(cairo_get_source(context.get()), CAIRO_FILTER_NEAREST);
  if (mode.alpha == 255) {
    cairo_paint(context.get());
  } else {
    cairo_paint_with_alpha(context.get(), mode.alpha / 255.0);
  }
  CASSIA_TRY(finish(context.get(), to.get()));
  if (!mode.target_has_alpha) clear_unused_bits(bitmap, region);
  return {};
}

Result<void> CairoCanvas::paint_mask(const Target& target, const Region& region, const Paint& paint,
                                     const Bitmap& mask, Point at) {
  Bitmap& bitmap = pixels(target.id);
  const CairoSurface to = cairo_over(bitmap);
  const CairoSurface through = cairo_over(mask);
  const auto* value = std::get_if<std::uint32_t>(&paint);
  if (!to || !through || value == nullptr) {
    return ReferenceCanvas::paint_mask(target, region, paint, mask, at);
  }
  const CairoContext context = context_for(to.get(), region);
  const std::uint32_t argb = opaque_argb(*value, target.format);
  cairo_set_source_rgb(context.get(), ((argb >> 16) & 255) / 255.0, ((argb >> 8) & 255) / 255.0,
                       (argb & 255) / 255.0);
  cairo_mask_surface(context.get(), through.get(), at.x, at.y);
  CASSIA_TRY(finish(context.get(), to.get()));
  clear_unused_bits(bitmap, region);
  return {};
}

}  // namespace

std::unique_ptr<Canvas> make_cairo_canvas(SurfaceMemory memory) {
  return std::make_unique<CairoCanvas>(std::move(memory));
}

}  // namespace cassia::raster
