// SPDX-License-Identifier: Apache-2.0
// Surfaces, passes and their inputs. The primitives themselves are in gl_canvas_draw.cc.

#include "render/gl/gl_canvas.h"

#include <GL/glew.h>

#include "render/gl/shaders.h"
#include "render/raster/pixel_ops.h"

namespace cassia::raster::gl {
namespace {

/// Scratch textures grow in steps, so that a sequence of sizes does not make one each.
std::int32_t grown(std::int32_t side) { return (side + 255) & ~255; }

}  // namespace

std::uint32_t GlCanvas::value_mask(PixelFormat format) {
  const int bits = bits_per_pixel(format);
  return bits == 32 ? ~std::uint32_t{0} : (std::uint32_t{1} << bits) - 1;
}

GlCanvas::GlCanvas(Program program, std::size_t cache_bytes)
    : program_(std::move(program)), cache_(cache_bytes) {}

Result<std::unique_ptr<GlCanvas>> GlCanvas::create(std::size_t cache_bytes) {
  Program program = CASSIA_TRY(
      Program::create(draw_vertex_shader, {shader_version, pixel_functions, draw_fragment_shader}));
  std::unique_ptr<GlCanvas> canvas(new GlCanvas(std::move(program), cache_bytes));
  canvas->nothing_ = CASSIA_TRY(Texture::create({1, 1}, PixelFormat::xrgb32));
  glGenVertexArrays(1, &canvas->vertex_array_);
  glGenBuffers(1, &canvas->vertex_buffer_);
  glBindVertexArray(canvas->vertex_array_);
  glBindBuffer(GL_ARRAY_BUFFER, canvas->vertex_buffer_);
  glEnableVertexAttribArray(0);
  glVertexAttribPointer(0, 2, GL_SHORT, GL_FALSE, 0, nullptr);
  glBindVertexArray(0);
  return canvas;
}

GlCanvas::~GlCanvas() {
  if (vertex_buffer_ != 0) glDeleteBuffers(1, &vertex_buffer_);
  if (vertex_array_ != 0) glDeleteVertexArrays(1, &vertex_array_);
}

const Texture* GlCanvas::texture_of(SurfaceId id) const {
  const auto it = textures_.find(id);
  return it == textures_.end() ? nullptr : &it->second;
}

Result<void> GlCanvas::allocate(const Target& target) {
  Texture texture = CASSIA_TRY(Texture::create(target.size, target.format));
  texture.clear();
  textures_.insert_or_assign(target.id, std::move(texture));
  return {};
}

void GlCanvas::release(SurfaceId id) { textures_.erase(id); }

Result<Bitmap> GlCanvas::read_back(const Target& target, const Rect& area) {
  return textures_.at(target.id).download(area);
}

void GlCanvas::set(const char* name, int value) { glUniform1i(program_.uniform(name), value); }
void GlCanvas::set(const char* name, Point value) {
  glUniform2i(program_.uniform(name), value.x, value.y);
}
void GlCanvas::set_unsigned(const char* name, std::uint32_t value) {
  glUniform1ui(program_.uniform(name), value);
}

void GlCanvas::bind(Unit unit, unsigned texture) {
  glActiveTexture(GL_TEXTURE0 + static_cast<GLenum>(unit));
  glBindTexture(GL_TEXTURE_2D, texture);
  glActiveTexture(GL_TEXTURE0);
}

void GlCanvas::begin(Pass pass, const Target& target, PixelFormat as) {
  program_.use();
  for (int unit = 0; unit < unit_count; ++unit) bind(static_cast<Unit>(unit), nothing_.id());
  set("source_pixels", source_unit);
  set("tile_pixels", tile_unit);
  set("target_pixels", below_unit);
  set("mask_pixels", mask_unit);
  set("operation", static_cast<int>(pass));
  set("target_format", static_cast<int>(as));
  set_unsigned("value_mask", value_mask(target.format));
  glUniform2f(program_.uniform("target_size"), static_cast<float>(target.size.width),
              static_cast<float>(target.size.height));
}

Result<const Texture*> GlCanvas::scratch(Unit unit, Size size, PixelFormat format) {
  Texture& texture =
      scratch_[static_cast<unsigned>(unit) * 64 + static_cast<unsigned>(bits_per_pixel(format))];
  if (texture.size().width < size.width || texture.size().height < size.height) {
    const Size larger{grown(std::max(size.width, texture.size().width)),
                      grown(std::max(size.height, texture.size().height))};
    texture = CASSIA_TRY(Texture::create(larger, format));
  }
  return &texture;
}

Result<void> GlCanvas::use_below(const Target& target, const Region& region) {
  const Rect part = region.bounds();
  const Texture* copy = CASSIA_TRY(scratch(below_unit, part.size(), target.format));
  textures_.at(target.id).copy_to(*copy, part, {});
  bind(below_unit, copy->id());
  set("target_origin", part.origin());
  return {};
}

Result<void> GlCanvas::use_paint(const Paint& paint, PixelFormat as) {
  const auto* value = std::get_if<std::uint32_t>(&paint);
  set("tiled", value == nullptr);
  set("tile_format", static_cast<int>(as));
  if (value != nullptr) {
    set_unsigned("solid", *value);
    return {};
  }
  const Tile& tile = std::get<Tile>(paint);
  const Size size = size_of(tile.source);
  // At or before the target's corner: GLSL has no modulo of negative numbers.
  set("tile_origin", Point{wrap_coordinate(tile.origin.x, size.width) - size.width,
                           wrap_coordinate(tile.origin.y, size.height) - size.height});
  set("tile_size", Point{size.width, size.height});
  set("tile_format", static_cast<int>(format_of(tile.source)));
  if (const auto* id = std::get_if<SurfaceId>(&tile.source)) {
    bind(tile_unit, textures_.at(*id).id());
    return {};
  }
  const BitmapPtr& bitmap = std::get<BitmapPtr>(tile.source);
  const Texture* texture = CASSIA_TRY(cache_.find(bitmap));
  if (texture == nullptr) {
    const Texture* fresh = CASSIA_TRY(scratch(tile_unit, size, bitmap->format()));
    const_cast<Texture*>(fresh)->upload(*bitmap, Rect::of(size), {});
    texture = fresh;
  }
  bind(tile_unit, texture->id());
  return {};
}

Result<void> GlCanvas::use_source(const Source& source, const Rect& needed, PixelFormat as) {
  const Size size = size_of(source);
  set("source_format", static_cast<int>(as));
  set("source_size", Point{size.width, size.height});
  set("source_origin", Point{});
  if (const auto* id = std::get_if<SurfaceId>(&source)) {
    bind(source_unit, textures_.at(*id).id());
    return {};
  }
  const BitmapPtr& bitmap = std::get<BitmapPtr>(source);
  if (const Texture* texture = CASSIA_TRY(cache_.find(bitmap))) {
    bind(source_unit, texture->id());
    return {};
  }
  const Rect part = needed.intersected(Rect::of(size));
  if (part.empty()) return {};
  const Texture* fresh = CASSIA_TRY(scratch(source_unit, part.size(), bitmap->format()));
  const_cast<Texture*>(fresh)->upload(*bitmap, part, {});
  set("source_origin", part.origin());
  bind(source_unit, fresh->id());
  return {};
}

void GlCanvas::use_stretch(const Stretch& stretch, bool filtered) {
  set("scaled", stretch.scales());
  set("filtered", filtered);
  set("from", stretch.from.origin());
  set("to", stretch.to.origin());
  set("steps", Point{stretch.step_x(), stretch.step_y()});
  set("source_offset",
      Point{stretch.to.left - stretch.from.left, stretch.to.top - stretch.from.top});
}

Result<void> GlCanvas::use_scaled_source(const Region& region, const Source& source,
                                         const Stretch& stretch, bool filtered, PixelFormat as) {
  use_stretch(stretch, filtered);
  const Rect needed = stretch.scales()
                          ? Rect{stretch.from.left - 1, stretch.from.top - 1,
                                 stretch.from.right + 2, stretch.from.bottom + 2}
                          : region.bounds().translated(stretch.from.left - stretch.to.left,
                                                       stretch.from.top - stretch.to.top);
  return use_source(source, needed, as);
}

void GlCanvas::finish(const Target& target, const Region& region) {
  std::vector<std::int16_t> corners;
  for (const Rect& r : region.rects()) {
    const auto left = static_cast<std::int16_t>(r.left), top = static_cast<std::int16_t>(r.top);
    const auto right = static_cast<std::int16_t>(r.right);
    const auto bottom = static_cast<std::int16_t>(r.bottom);
    corners.insert(corners.end(),
                   {left, top, right, top, left, bottom, left, bottom, right, top, right, bottom});
  }
  glBindFramebuffer(GL_FRAMEBUFFER, textures_.at(target.id).framebuffer());
  glViewport(0, 0, target.size.width, target.size.height);
  glDisable(GL_SCISSOR_TEST);
  glDisable(GL_BLEND);
  glDisable(GL_DEPTH_TEST);
  glDisable(GL_CULL_FACE);
  glBindVertexArray(vertex_array_);
  glBindBuffer(GL_ARRAY_BUFFER, vertex_buffer_);
  glBufferData(GL_ARRAY_BUFFER, static_cast<GLsizeiptr>(corners.size() * sizeof(std::int16_t)),
               corners.data(), GL_STREAM_DRAW);
  glDrawArrays(GL_TRIANGLES, 0, static_cast<GLsizei>(corners.size() / 2));
  glBindVertexArray(0);
  glBindFramebuffer(GL_FRAMEBUFFER, 0);
}

}  // namespace cassia::raster::gl
