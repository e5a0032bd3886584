// SPDX-License-Identifier: Apache-2.0
// Scaling, colour keys, blending, text and composites of the reference canvas, by pixman.

#include <spice/enums.h>

#include "render/raster/pixel_ops.h"
#include "render/raster/pixman_image.h"
#include "render/raster/reference_canvas.h"

namespace cassia::raster {
namespace {

PixelFormat with_alpha(PixelFormat format, bool has_alpha) {
  return has_alpha && format == PixelFormat::xrgb32 ? PixelFormat::argb32 : format;
}

/// An image that limits drawing to `region` for as long as it lives.
PixmanImage clipped_target(const Bitmap& bitmap, const Region& region,
                           std::optional<PixelFormat> as = {}) {
  PixmanImage image = pixman_over(bitmap, as);
  pixman_image_set_clip_region32(image.get(), const_cast<pixman_region32_t*>(region.pixman()));
  return image;
}

unsigned bits(std::uint32_t flags, int low, int high) {
  return (flags >> low) & ((1u << (high - low)) - 1);
}

void set_transform(pixman_image_t* image, const std::optional<Transform>& transform) {
  if (!transform) return;
  pixman_transform_t matrix;
  pixman_transform_init_identity(&matrix);
  for (int row = 0; row < 2; ++row) {
    for (int column = 0; column < 3; ++column) {
      matrix.matrix[row][column] = transform->m[row][column];
    }
  }
  pixman_image_set_transform(image, &matrix);
}

/// pixman's numbers are the wire's; those it cannot do without parameters are refused.
Result<void> set_sampling(pixman_image_t* image, unsigned filter, unsigned repeat) {
  if (filter > PIXMAN_FILTER_BILINEAR) {
    return fail(ErrorKind::unsupported, "filter {} of a composite is not known", filter);
  }
  pixman_image_set_filter(image, static_cast<pixman_filter_t>(filter), nullptr, 0);
  pixman_image_set_repeat(image, static_cast<pixman_repeat_t>(repeat));
  return {};
}

Result<pixman_op_t> operator_of(std::uint32_t flags) {
  const unsigned op = bits(flags, 0, 8);
  const bool known = op <= PIXMAN_OP_SATURATE ||
                     (op >= PIXMAN_OP_DISJOINT_CLEAR && op <= PIXMAN_OP_DISJOINT_XOR) ||
                     (op >= PIXMAN_OP_CONJOINT_CLEAR && op <= PIXMAN_OP_CONJOINT_XOR) ||
                     (op >= PIXMAN_OP_MULTIPLY && op <= PIXMAN_OP_HSL_LUMINOSITY);
  if (!known) return fail(ErrorKind::unsupported, "composite operator {} is not known", op);
  return static_cast<pixman_op_t>(op);
}

PixelFormat opaque_format(PixelFormat format, bool opaque) {
  return opaque && format == PixelFormat::argb32 ? PixelFormat::xrgb32 : format;
}

}  // namespace

void clear_unused_bits(Bitmap& bitmap, const Region& region) {
  if (bitmap.format() != PixelFormat::xrgb32) return;
  for_each_rect(region, [&](const Rect& r) { fill_rect(bitmap, r, 0x00ffffff, Rop::and_); });
}

Result<Bitmap> ReferenceCanvas::scaled(const Target& target, const Source& source,
                                       const Stretch& stretch, const Rect& part,
                                       ScaleMode mode) const {
  Bitmap result = CASSIA_TRY(Bitmap::create_cleared(part.size(), target.format));
  const PixmanImage from = pixman_over(pixels(source));
  const PixmanImage to = pixman_over(result);
  set_scaling(from.get(), stretch.from, stretch.to, mode == ScaleMode::nearest);
  pixman_image_composite32(PIXMAN_OP_SRC, from.get(), nullptr, to.get(),
                           part.left - stretch.to.left, part.top - stretch.to.top, 0, 0, 0, 0,
                           part.width(), part.height());
  return result;
}

Result<void> ReferenceCanvas::stretch(const Target& target, const Region& region,
                                      const Source& source, const Stretch& stretch, Rop rop) {
  const Rect part = region.bounds();
  if (rop == Rop::copy) {
    const PixmanImage from = pixman_over(pixels(source));
    const PixmanImage to = clipped_target(pixels(target.id), region);
    set_scaling(from.get(), stretch.from, stretch.to, stretch.mode == ScaleMode::nearest);
    pixman_image_composite32(PIXMAN_OP_SRC, from.get(), nullptr, to.get(),
                             part.left - stretch.to.left, part.top - stretch.to.top, 0, 0,
                             part.left, part.top, part.width(), part.height());
    return {};
  }
  const Bitmap image = CASSIA_TRY(scaled(target, source, stretch, part, stretch.mode));
  for_each_rect(region, [&](const Rect& area) {
    blit_rect(pixels(target.id), area, image, part.origin(), rop);
  });
  return {};
}

Result<void> ReferenceCanvas::color_key(const Target& target, const Region& region,
                                        const Source& source, const Stretch& stretch,
                                        std::uint32_t key) {
  Bitmap& to = pixels(target.id);
  if (!stretch.scales()) {
    const Point offset{stretch.to.left - stretch.from.left, stretch.to.top - stretch.from.top};
    for_each_rect(region,
                  [&](const Rect& area) { blit_color_key(to, area, pixels(source), offset, key); });
    return {};
  }
  const Rect part = region.bounds();
  const Bitmap image = CASSIA_TRY(scaled(target, source, stretch, part, ScaleMode::nearest));
  for_each_rect(region,
                [&](const Rect& area) { blit_color_key(to, area, image, part.origin(), key); });
  return {};
}

Result<void> ReferenceCanvas::blend(const Target& target, const Region& region,
                                    const Source& source, const Stretch& stretch,
                                    const BlendMode& mode) {
  Bitmap& bitmap = pixels(target.id);
  const Bitmap& pixels_from = pixels(source);
  const PixmanImage from =
      pixman_over(pixels_from, with_alpha(pixels_from.format(), mode.source_has_alpha));
  const PixmanImage to =
      clipped_target(bitmap, region, with_alpha(target.format, mode.target_has_alpha));
  PixmanImage mask;
  if (mode.alpha != 255) mask = pixman_solid(std::uint32_t{mode.alpha} << 24);
  const Rect part = region.bounds();
  Point at{part.left - stretch.to.left, part.top - stretch.to.top};
  if (stretch.scales()) {
    set_scaling(from.get(), stretch.from, stretch.to, true);
  } else {
    at = {at.x + stretch.from.left, at.y + stretch.from.top};
  }
  pixman_image_composite32(PIXMAN_OP_OVER, from.get(), mask.get(), to.get(), at.x, at.y, 0, 0,
                           part.left, part.top, part.width(), part.height());
  if (!mode.target_has_alpha) clear_unused_bits(bitmap, region);
  return {};
}

Result<void> ReferenceCanvas::paint_mask(const Target& target, const Region& region,
                                         const Paint& paint, const Bitmap& mask, Point at) {
  Bitmap& bitmap = pixels(target.id);
  const Rect part = region.bounds();
  PixmanImage from;
  Point start;
  if (const auto* value = std::get_if<std::uint32_t>(&paint)) {
    from = pixman_solid(opaque_argb(*value, target.format));
  } else {
    const Tile& tile = std::get<Tile>(paint);
    const Bitmap& pattern = pixels(tile.source);
    from = pixman_over(pattern, opaque_format(pattern.format(), true));
    pixman_image_set_repeat(from.get(), PIXMAN_REPEAT_NORMAL);
    start = {wrap_coordinate(std::int64_t{part.left} - tile.origin.x, pattern.width()),
             wrap_coordinate(std::int64_t{part.top} - tile.origin.y, pattern.height())};
  }
  const PixmanImage through = pixman_over(mask);
  const PixmanImage to = clipped_target(bitmap, region);
  pixman_image_composite32(PIXMAN_OP_OVER, from.get(), through.get(), to.get(), start.x, start.y,
                           part.left - at.x, part.top - at.y, part.left, part.top, part.width(),
                           part.height());
  clear_unused_bits(bitmap, region);
  return {};
}

Result<void> ReferenceCanvas::composite(const Target& target, const Region& region, const Rect& box,
                                        const Composite& op, const Source& source,
                                        const std::optional<Source>& mask) {
  return composite_bitmaps(pixels(target.id), region, box, op, pixels(source),
                           mask ? &pixels(*mask) : nullptr);
}

Result<void> composite_bitmaps(Bitmap& target, const Region& region, const Rect& box,
                               const Composite& op, const Bitmap& source, const Bitmap* mask) {
  const pixman_op_t operation = CASSIA_TRY(operator_of(op.flags));
  const bool source_opaque = (op.flags & SPICE_COMPOSITE_SOURCE_OPAQUE) != 0;
  const bool target_opaque = (op.flags & SPICE_COMPOSITE_DEST_OPAQUE) != 0;
  const PixmanImage from = pixman_over(source, opaque_format(source.format(), source_opaque));
  set_transform(from.get(), op.src_transform);
  CASSIA_TRY(set_sampling(from.get(), bits(op.flags, 8, 11), bits(op.flags, 14, 16)));
  PixmanImage through;
  if (mask != nullptr) {
    const bool mask_opaque = (op.flags & SPICE_COMPOSITE_MASK_OPAQUE) != 0;
    through = pixman_over(*mask, opaque_format(mask->format(), mask_opaque));
    set_transform(through.get(), op.mask_transform);
    CASSIA_TRY(set_sampling(through.get(), bits(op.flags, 11, 14), bits(op.flags, 16, 18)));
    pixman_image_set_component_alpha(through.get(),
                                     (op.flags & SPICE_COMPOSITE_COMPONENT_ALPHA) != 0);
  }
  const PixmanImage to =
      clipped_target(target, region, opaque_format(target.format(), target_opaque));
  const Rect part = region.bounds();
  const std::int32_t dx = part.left - box.left, dy = part.top - box.top;
  pixman_image_composite32(operation, from.get(), through.get(), to.get(), op.src_origin.x + dx,
                           op.src_origin.y + dy, op.mask_origin.x + dx, op.mask_origin.y + dy,
                           part.left, part.top, part.width(), part.height());
  if (target_opaque) clear_unused_bits(target, region);
  return {};
}

}  // namespace cassia::raster
