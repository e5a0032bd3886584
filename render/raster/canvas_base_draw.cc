// SPDX-License-Identifier: Apache-2.0
// Lowers each draw operation to primitives. Everything is checked and resolved before the first
// primitive runs, so that a refused draw leaves no trace.

#include <cstdlib>

#include "render/raster/canvas_base.h"
#include "render/raster/glyphs.h"
#include "render/raster/pixel_ops.h"
#include "render/raster/pixman_image.h"
#include "render/raster/stroke.h"

namespace cassia::raster {
namespace {

/// More damage rectangles than this cost more than the pixels they spare.
constexpr int max_damage_rects = 64;

/// The set pixels of a mask as a region of its own coordinates, within `part`.
Result<Region> bits_of(const Bitmap& mask, const Rect& part) {
  // pixman reads whole words: start at a multiple of 32 pixels.
  const std::int32_t left = part.left & ~31;
  const Bitmap view = mask.view({left, part.top, part.right, part.bottom});
  const PixmanImage image = pixman_over(view);
  pixman_region32_t bits;
  pixman_region32_init_from_image(&bits, image.get());
  int count = 0;
  const pixman_box32_t* boxes = pixman_region32_rectangles(&bits, &count);
  std::vector<Rect> rects;
  rects.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    rects.push_back(
        Rect{boxes[i].x1, boxes[i].y1, boxes[i].x2, boxes[i].y2}.translated(left, part.top));
  }
  pixman_region32_fini(&bits);
  return Region(std::span<const Rect>(rects)).intersect(part);
}

bool sane(const Rect& r) {
  constexpr std::int32_t limit = 32767;  // what 16.16 holds
  return r.left >= -limit && r.top >= -limit && r.right <= limit && r.bottom <= limit;
}

}  // namespace

struct CanvasBase::Job {
  CanvasBase& canvas;
  Entry& entry;
  const DrawOp& op;
  Region region;

  const Target& target() const { return entry.target; }

  Result<void> clip_to(const Mask& mask);
  Result<BitmapPtr> mask_bits(const ImageRef& image);
  Result<Source> resolve(const ImageRef& image, bool keep_format = false,
                         bool allow_target = false);
  Result<Paint> resolve(const Brush& brush);
  Result<void> resolve_stretch(const Rect& from, const Source& source, Stretch& stretch);
  void mark(const Region& changed);

  Result<void> fill(const Paint& paint, Rop rop);
  Result<void> copy(const ImageRef& image, const Rect& area, Rop rop, ScaleMode scale);
  Result<void> put(const Source& source, const Rect& area, Rop rop, ScaleMode scale);

  Result<void> run(const Fill& op);
  Result<void> run(const Copy& op);
  Result<void> run(const Blend& op);
  Result<void> run(const Opaque& op);
  Result<void> run(const CopyBits& op);
  Result<void> run(const Blackness& op);
  Result<void> run(const Whiteness& op);
  Result<void> run(const Invers& op);
  Result<void> run(const Rop3& op);
  Result<void> run(const Transparent& op);
  Result<void> run(const AlphaBlend& op);
  Result<void> run(const Stroke& op);
  Result<void> run(const Text& op);
  Result<void> run(const Composite& op);
};

Result<void> CanvasBase::draw(const DrawOp& op) {
  const auto it = surfaces_.find(op.surface);
  if (it == surfaces_.end()) {
    return fail(ErrorKind::not_found, "{}: surface {} does not exist", name_of(op.operation),
                op.surface);
  }
  Job job{*this, it->second, op, Region(op.box.intersected(Rect::of(it->second.target.size)))};
  if (op.clip.rects) job.region.intersect(Region(std::span<const Rect>(*op.clip.rects)));
  if (job.region.empty()) return {};
  auto result = std::visit([&](const auto& operation) { return job.run(operation); }, op.operation);
  if (!result) return fail(result.error().in(name_of(op.operation)));
  return {};
}

void CanvasBase::Job::mark(const Region& changed) {
  if (pixman_region32_n_rects(changed.pixman()) > max_damage_rects) {
    entry.damage.add(changed.bounds());
  } else {
    entry.damage.add(changed);
  }
}

Result<BitmapPtr> CanvasBase::Job::mask_bits(const ImageRef& image) {
  BitmapPtr bits = CASSIA_TRY(canvas.in_memory(CASSIA_TRY(resolve(image, true))));
  if (bits->format() == PixelFormat::a1) return bits;
  return std::make_shared<const Bitmap>(CASSIA_TRY(convert(*bits, PixelFormat::a1)));
}

Result<void> CanvasBase::Job::clip_to(const Mask& mask) {
  if (mask.image.none() || region.empty()) return {};
  const BitmapPtr bits = CASSIA_TRY(mask_bits(mask.image));
  const std::int64_t dx = std::int64_t{op.box.left} - mask.origin.x;
  const std::int64_t dy = std::int64_t{op.box.top} - mask.origin.y;
  if (std::llabs(dx) > 4 * max_side || std::llabs(dy) > 4 * max_side) {
    region.clear();
    return {};
  }
  const auto x = static_cast<std::int32_t>(dx), y = static_cast<std::int32_t>(dy);
  const Rect part = region.bounds().translated(-x, -y).intersected(Rect::of(bits->size()));
  if (part.empty()) {
    region.clear();
    return {};
  }
  Region set = CASSIA_TRY(bits_of(*bits, part));
  if (mask.inverse) set = Region(part).subtract(set);
  region.intersect(set.translate(x, y));
  return {};
}

Result<CanvasBase::Source> CanvasBase::Job::resolve(const ImageRef& image, bool keep_format,
                                                    bool allow_target) {
  if (image.none()) return fail(ErrorKind::malformed, "the image is missing");
  if (image.encoded()) {
    return fail(ErrorKind::internal, "an image reached the canvas without being decoded");
  }
  Source source;
  if (const SurfaceSource* from = image.surface()) {
    const auto other = canvas.target_of(from->surface);
    if (!other) {
      return fail(ErrorKind::not_found, "source surface {} does not exist", from->surface);
    }
    source = from->surface;
    // Drawing a surface on itself works as if through a copy.
    if (from->surface == target().id && !allow_target) {
      source = std::make_shared<const Bitmap>(
          CASSIA_TRY(canvas.read_back(*other, Rect::of(other->size))));
    }
  } else {
    source = std::get<BitmapPtr>(image.source);
    if (std::get<BitmapPtr>(source) == nullptr || image.bitmap()->size().empty()) {
      return fail(ErrorKind::malformed, "the image is empty");
    }
  }
  const PixelFormat format = canvas.format_of(source);
  const bool raw = format == target().format ||
                   (bits_per_pixel(format) == 32 && bits_per_pixel(target().format) == 32);
  if (keep_format || raw) return source;
  const BitmapPtr pixels = CASSIA_TRY(canvas.in_memory(source));
  return Source(std::make_shared<const Bitmap>(CASSIA_TRY(convert(*pixels, target().format))));
}

Result<CanvasBase::Paint> CanvasBase::Job::resolve(const Brush& brush) {
  if (const Color* color = std::get_if<Color>(&brush)) return Paint(*color);
  if (const Pattern* pattern = std::get_if<Pattern>(&brush)) {
    return Paint(Tile{CASSIA_TRY(resolve(pattern->image)), pattern->origin});
  }
  return Paint(std::uint32_t{0});  // no brush: a raster operation may still change the target
}

/// Checks the rectangles of a scaled draw, whose arithmetic is 16.16.
Result<void> CanvasBase::Job::resolve_stretch(const Rect& from, const Source& source,
                                              Stretch& stretch) {
  if (!sane(from) || !sane(op.box) || from.empty()) {
    return fail(ErrorKind::malformed, "cannot scale {},{}-{},{} to {},{}-{},{}", from.left,
                from.top, from.right, from.bottom, op.box.left, op.box.top, op.box.right,
                op.box.bottom);
  }
  stretch.from = from;
  stretch.to = op.box;
  if (stretch.scales()) return {};
  // Without scaling, what lies outside the source is left alone.
  region.intersect(
      Rect::of(canvas.size_of(source)).translated(op.box.left - from.left, op.box.top - from.top));
  return {};
}

Result<void> CanvasBase::Job::fill(const Paint& paint, Rop rop) {
  if (rop == Rop::noop || region.empty()) return {};
  CASSIA_TRY(canvas.fill(target(), region, paint, rop));
  mark(region);
  return {};
}

Result<void> CanvasBase::Job::put(const Source& source, const Rect& area, Rop rop,
                                  ScaleMode scale) {
  Stretch stretch{.from = {}, .to = {}, .mode = scale};
  CASSIA_TRY(resolve_stretch(area, source, stretch));
  if (rop == Rop::noop || region.empty()) return {};
  const Point offset{op.box.left - area.left, op.box.top - area.top};
  const auto* id = std::get_if<SurfaceId>(&source);
  if (stretch.scales()) {
    CASSIA_TRY(canvas.stretch(target(), region, source, stretch, rop));
  } else if (id != nullptr && *id == target().id) {
    CASSIA_TRY(canvas.move(target(), region, offset));
  } else {
    CASSIA_TRY(canvas.blit(target(), region, source, offset, rop));
  }
  mark(region);
  return {};
}

Result<void> CanvasBase::Job::copy(const ImageRef& image, const Rect& area, Rop rop,
                                   ScaleMode scale) {
  const bool plain = rop == Rop::copy && area.size() == op.box.size();
  const Source source = CASSIA_TRY(resolve(image, false, plain));
  return put(source, area, rop, scale);
}

Result<void> CanvasBase::Job::run(const Fill& fill_op) {
  const Paint paint = CASSIA_TRY(resolve(fill_op.brush));
  CASSIA_TRY(clip_to(fill_op.mask));
  return fill(paint, fill_op.rop);
}

Result<void> CanvasBase::Job::run(const Copy& copy_op) {
  CASSIA_TRY(clip_to(copy_op.mask));
  return copy(copy_op.src, copy_op.src_area, copy_op.rop, copy_op.scale);
}

Result<void> CanvasBase::Job::run(const Blend& blend_op) {
  CASSIA_TRY(clip_to(blend_op.mask));
  return copy(blend_op.src, blend_op.src_area, blend_op.rop, blend_op.scale);
}

Result<void> CanvasBase::Job::run(const Opaque& opaque) {
  const Paint paint = CASSIA_TRY(resolve(opaque.brush));
  const Source source = CASSIA_TRY(resolve(opaque.src));
  CASSIA_TRY(clip_to(opaque.mask));
  const Region whole = region;
  CASSIA_TRY(put(source, opaque.src_area, Rop::copy, opaque.scale));
  region = whole;  // the brush also covers what a too small source left alone
  return fill(paint, opaque.rop);
}

Result<void> CanvasBase::Job::run(const CopyBits& bits) {
  const std::int64_t dx = std::int64_t{op.box.left} - bits.src.x;
  const std::int64_t dy = std::int64_t{op.box.top} - bits.src.y;
  if (std::llabs(dx) > max_side || std::llabs(dy) > max_side) return {};
  const Point offset{static_cast<std::int32_t>(dx), static_cast<std::int32_t>(dy)};
  region.intersect(Rect::of(target().size).translated(offset.x, offset.y));
  if (region.empty() || offset == Point{}) return {};
  CASSIA_TRY(canvas.move(target(), region, offset));
  mark(region);
  return {};
}

Result<void> CanvasBase::Job::run(const Blackness& black) {
  CASSIA_TRY(clip_to(black.mask));
  return fill(std::uint32_t{0}, Rop::copy);
}

Result<void> CanvasBase::Job::run(const Whiteness& white) {
  CASSIA_TRY(clip_to(white.mask));
  return fill(~std::uint32_t{0}, Rop::copy);
}

Result<void> CanvasBase::Job::run(const Invers& invers) {
  CASSIA_TRY(clip_to(invers.mask));
  return fill(std::uint32_t{0}, Rop::invert);
}

Result<void> CanvasBase::Job::run(const Rop3& rop3) {
  const Paint paint = CASSIA_TRY(resolve(rop3.brush));
  Source source = CASSIA_TRY(resolve(rop3.src));
  CASSIA_TRY(clip_to(rop3.mask));
  Stretch stretch{.from = {}, .to = {}, .mode = rop3.scale};
  CASSIA_TRY(resolve_stretch(rop3.src_area, source, stretch));
  if (region.empty()) return {};
  Point offset{op.box.left - rop3.src_area.left, op.box.top - rop3.src_area.top};
  if (stretch.scales()) {
    // Only the part in sight is scaled.
    const Rect part = region.bounds();
    const BitmapPtr pixels = CASSIA_TRY(canvas.in_memory(source));
    const PixmanImage from = pixman_over(*pixels);
    Bitmap scaled = CASSIA_TRY(Bitmap::create_cleared(part.size(), target().format));
    const PixmanImage to = pixman_over(scaled);
    set_scaling(from.get(), stretch.from, stretch.to, stretch.mode == ScaleMode::nearest);
    pixman_image_composite32(PIXMAN_OP_SRC, from.get(), nullptr, to.get(), part.left - op.box.left,
                             part.top - op.box.top, 0, 0, 0, 0, part.width(), part.height());
    source = std::make_shared<const Bitmap>(std::move(scaled));
    offset = part.origin();
  }
  CASSIA_TRY(canvas.ternary(target(), region, source, offset, paint, rop3.rop3));
  mark(region);
  return {};
}

Result<void> CanvasBase::Job::run(const Transparent& transparent) {
  const Source source = CASSIA_TRY(resolve(transparent.src));
  Stretch stretch;
  CASSIA_TRY(resolve_stretch(transparent.src_area, source, stretch));
  if (region.empty()) return {};
  std::uint32_t key = 0;
  switch (target().format) {
    case PixelFormat::xrgb32:
    case PixelFormat::argb32:
      key = transparent.true_key & 0xffffff;
      break;
    case PixelFormat::rgb555:
      key = to_rgb555(transparent.true_key);
      break;
    case PixelFormat::rgb565:
      key = to_rgb565(transparent.true_key);
      break;
    default:
      break;
  }
  CASSIA_TRY(canvas.color_key(target(), region, source, stretch, key));
  mark(region);
  return {};
}

Result<void> CanvasBase::Job::run(const AlphaBlend& alpha) {
  const Source source = CASSIA_TRY(resolve(alpha.src, true));
  Stretch stretch;
  CASSIA_TRY(resolve_stretch(alpha.src_area, source, stretch));
  if (alpha.alpha == 0 || region.empty()) return {};
  const BlendMode mode{alpha.alpha, alpha.dest_has_alpha,
                       alpha.src.surface() != nullptr && alpha.src_surface_has_alpha};
  CASSIA_TRY(canvas.blend(target(), region, source, stretch, mode));
  mark(region);
  return {};
}

Result<void> CanvasBase::Job::run(const Stroke& stroke) {
  const Paint paint = CASSIA_TRY(resolve(stroke.brush));
  if (stroke.fore_rop == Rop::noop) return {};
  const bool once = !rop_reads_destination(stroke.fore_rop);
  for (const Region& layer : CASSIA_TRY(stroke_layers(stroke, region, once))) {
    if (layer.empty()) continue;
    CASSIA_TRY(canvas.fill(target(), layer, paint, stroke.fore_rop));
    mark(layer);
  }
  return {};
}

Result<void> CanvasBase::Job::run(const Text& text) {
  const Paint fore = CASSIA_TRY(resolve(text.fore_brush));
  const Paint back = CASSIA_TRY(resolve(text.back_brush));
  const GlyphMask glyphs = CASSIA_TRY(glyph_mask(text, region.bounds()));
  Region behind = region;
  behind.intersect(text.back_area);
  if (!text.back_area.empty() && !behind.empty()) {
    CASSIA_TRY(canvas.fill(target(), behind, back, Rop::copy));
    mark(behind);
  }
  if (std::holds_alternative<std::monostate>(text.fore_brush) || glyphs.mask.empty()) return {};
  region.intersect(Rect::of(glyphs.at, glyphs.mask.size()));
  if (region.empty()) return {};
  CASSIA_TRY(canvas.paint_mask(target(), region, fore, glyphs.mask, glyphs.at));
  mark(region);
  return {};
}

Result<void> CanvasBase::Job::run(const Composite& composite) {
  const Source source = CASSIA_TRY(resolve(composite.src, true));
  std::optional<Source> mask;
  if (!composite.mask.none()) mask = CASSIA_TRY(resolve(composite.mask, true));
  CASSIA_TRY(canvas.composite(target(), region, op.box, composite, source, mask));
  mark(region);
  return {};
}

}  // namespace cassia::raster
