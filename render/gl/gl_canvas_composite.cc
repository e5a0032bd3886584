// SPDX-License-Identifier: Apache-2.0
// Composites: the operators of Porter and Duff in a shader of their own, with transforms, filters,
// repeats, masks and component alpha; the rest in memory on the pixels concerned.

#include <GL/glew.h>
#include <spice/enums.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "render/gl/gl_canvas.h"
#include "render/gl/shaders.h"
#include "render/raster/pixel_ops.h"
#include "render/raster/reference_canvas.h"

namespace cassia::raster::gl {
namespace {

// Where a composite's flags keep their numbers, which are pixman's (SpiceCompositeFlags).
constexpr unsigned last_porter_duff = 12;                         ///< from 0, clear, to add
constexpr unsigned mixing_filters = 1u << 1 | 1u << 2 | 1u << 4;  ///< good, best, bilinear
constexpr unsigned last_filter = 4;

unsigned bits(std::uint32_t flags, unsigned from, unsigned count) {
  return flags >> from & ((1u << count) - 1);
}

/// The shader computes coordinates in 32 bits.
bool fits(const std::optional<Transform>& transform, const Rect& area) {
  if (!transform) return true;
  const auto most = [](std::int64_t a, std::int64_t b) {
    return std::max(std::abs(a), std::abs(b));
  };
  const std::int64_t x = most(area.left, area.right) + 1, y = most(area.top, area.bottom) + 1;
  return std::all_of(std::begin(transform->m), std::end(transform->m), [&](const auto& row) {
    const std::int64_t sum = std::abs(std::int64_t{row[0]}) * x +
                             std::abs(std::int64_t{row[1]}) * y + std::abs(std::int64_t{row[2]});
    return sum < (std::int64_t{1} << 30);
  });
}

PixelFormat seen_as(PixelFormat format, bool opaque) {
  return opaque && format == PixelFormat::argb32 ? PixelFormat::xrgb32 : format;
}

}  // namespace

struct GlCanvas::Sampling {
  const char* name;  ///< of the shader's Picture
  Unit unit;
  PixelFormat format;
  Point offset;
  unsigned filter;
  unsigned repeat;
  const std::optional<Transform>* transform;
};

Result<void> GlCanvas::use_picture(const Source& source, const Sampling& how) {
  const auto place = [&](const char* member) {
    return composite_program_.uniform((std::string(how.name) + member).c_str());
  };
  const Size size = size_of(source);
  glUniform1i(place(".format"), static_cast<int>(how.format));
  glUniform2i(place(".size"), size.width, size.height);
  glUniform2i(place(".first"), 0, 0);
  glUniform2i(place(".offset"), how.offset.x, how.offset.y);
  glUniform1i(place(".repeat"), static_cast<int>(how.repeat));
  glUniform1i(place(".filtered"), (mixing_filters >> how.filter & 1) != 0);
  const Transform transform = how.transform->value_or(Transform{});
  glUniform1i(place(".transformed"), how.transform->has_value());
  glUniform3i(place(".row_x"), transform.m[0][0], transform.m[0][1], transform.m[0][2]);
  glUniform3i(place(".row_y"), transform.m[1][0], transform.m[1][1], transform.m[1][2]);
  if (const auto* id = std::get_if<SurfaceId>(&source)) {
    bind(how.unit, textures_.at(*id).id());
    return {};
  }
  const BitmapPtr& bitmap = std::get<BitmapPtr>(source);
  const Texture* texture = CASSIA_TRY(cache_.find(bitmap));
  if (texture == nullptr) {
    const Texture* fresh = CASSIA_TRY(scratch(how.unit, size, bitmap->format()));
    const_cast<Texture*>(fresh)->upload(*bitmap, Rect::of(size), {});
    texture = fresh;
  }
  bind(how.unit, texture->id());
  return {};
}

bool GlCanvas::composites_itself(const Target& target, const Region& region, const Rect& box,
                                 const Composite& op, bool masked) const {
  // What becomes of the alpha that the draw says is not there is pixman's affair.
  if (target.format == PixelFormat::argb32 && (op.flags & SPICE_COMPOSITE_DEST_OPAQUE) != 0) {
    return false;
  }
  const Rect part = region.bounds().translated(-box.left, -box.top);
  const bool known =
      bits(op.flags, 0, 8) <= last_porter_duff && bits(op.flags, 8, 3) <= last_filter;
  if (!known || !fits(op.src_transform, part.translated(op.src_origin.x, op.src_origin.y))) {
    return false;
  }
  return !masked || (bits(op.flags, 11, 3) <= last_filter &&
                     fits(op.mask_transform, part.translated(op.mask_origin.x, op.mask_origin.y)));
}

Result<void> GlCanvas::composite(const Target& target, const Region& region, const Rect& box,
                                 const Composite& op, const Source& source,
                                 const std::optional<Source>& mask) {
  if (!composites_itself(target, region, box, op, mask.has_value())) {
    return composite_in_memory(target, region, box, op, source, mask);
  }
  if (!composite_program_) {
    composite_program_ = CASSIA_TRY(Program::create(
        draw_vertex_shader, {shader_version, pixel_functions, composite_fragment_shader}));
  }
  const auto place = [&](const char* name) { return composite_program_.uniform(name); };
  const Rect part = region.bounds();
  const Texture* below = CASSIA_TRY(scratch(below_unit, part.size(), target.format));
  textures_.at(target.id).copy_to(*below, part, {});
  composite_program_.use();
  bind(below_unit, below->id());
  bind(mask_unit, nothing_.id());
  glUniform1i(place("source_pixels"), source_unit);
  glUniform1i(place("mask_pixels"), mask_unit);
  glUniform1i(place("target_pixels"), below_unit);
  glUniform2f(place("target_size"), static_cast<float>(target.size.width),
              static_cast<float>(target.size.height));
  glUniform2i(place("target_origin"), part.left, part.top);
  const auto has = [&](std::uint32_t flag) { return (op.flags & flag) != 0; };
  glUniform1i(place("target_format"), static_cast<int>(target.format));
  glUniform1ui(place("value_mask"), value_mask(target.format));
  glUniform1ui(place("operator"), bits(op.flags, 0, 8));
  glUniform1i(place("masked"), mask.has_value());
  glUniform1i(place("component_alpha"), has(SPICE_COMPOSITE_COMPONENT_ALPHA));
  const auto offset = [&](Point origin) { return Point{origin.x - box.left, origin.y - box.top}; };
  CASSIA_TRY(use_picture(
      source,
      {"source", source_unit, seen_as(format_of(source), has(SPICE_COMPOSITE_SOURCE_OPAQUE)),
       offset(op.src_origin), bits(op.flags, 8, 3), bits(op.flags, 14, 2), &op.src_transform}));
  if (mask) {
    CASSIA_TRY(use_picture(
        *mask, {"mask", mask_unit, seen_as(format_of(*mask), has(SPICE_COMPOSITE_MASK_OPAQUE)),
                offset(op.mask_origin), bits(op.flags, 11, 3), bits(op.flags, 16, 2),
                &op.mask_transform}));
  }
  finish(target, region);
  return {};
}

Result<void> GlCanvas::composite_in_memory(const Target& target, const Region& region,
                                           const Rect& box, const Composite& op,
                                           const Source& source,
                                           const std::optional<Source>& mask) {
  const Rect part = region.bounds();
  const BitmapPtr from = CASSIA_TRY(in_memory(source));
  BitmapPtr through;
  if (mask) through = CASSIA_TRY(in_memory(*mask));
  Bitmap pixels = CASSIA_TRY(read_back(target, part));
  Region inside = region;
  inside.translate(-part.left, -part.top);
  CASSIA_TRY(composite_bitmaps(pixels, inside, box.translated(-part.left, -part.top), op, *from,
                               through.get()));
  textures_.at(target.id).upload(pixels, Rect::of(part.size()), part.origin());
  return {};
}

}  // namespace cassia::raster::gl
