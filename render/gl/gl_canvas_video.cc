// SPDX-License-Identifier: Apache-2.0
// Video: the planes go to the GPU as they are, a shader makes a picture of them in a surface that
// no guest has, and that is copied, clipped and scaled like any other.

#include <GL/glew.h>

#include "render/gl/gl_canvas.h"
#include "render/gl/shaders.h"

namespace cassia::raster::gl {

Result<void> GlCanvas::use_plane(Unit unit, const char* name, const VideoPlanes::Plane& plane,
                                 Size size) {
  const Texture* texture = CASSIA_TRY(scratch(unit, size, PixelFormat::a8));
  const Bitmap pixels = Bitmap::wrap(size, PixelFormat::a8, plane.stride,
                                     const_cast<std::uint8_t*>(plane.data), nullptr);
  const_cast<Texture*>(texture)->upload(pixels, Rect::of(size), {});
  bind(unit, texture->id());
  glUniform1i(video_program_.uniform(name), unit);
  return {};
}

Result<void> GlCanvas::convert_video(const VideoPlanes& planes) {
  if (!video_program_) {
    video_program_ =
        CASSIA_TRY(Program::create(draw_vertex_shader, {shader_version, video_fragment_shader}));
  }
  const auto place = [&](const char* name) { return video_program_.uniform(name); };
  const Size half = planes.colour_size();
  const bool pairs = planes.layout == VideoPlanes::Layout::nv12;
  video_program_.use();
  for (int unit = 0; unit < unit_count; ++unit) bind(static_cast<Unit>(unit), nothing_.id());
  CASSIA_TRY(use_plane(source_unit, "luma_pixels", planes.planes[0], planes.size));
  CASSIA_TRY(use_plane(tile_unit, "first_pixels", planes.planes[1],
                       {pairs ? half.width * 2 : half.width, half.height}));
  glUniform1i(place("second_pixels"), mask_unit);
  if (!pairs) CASSIA_TRY(use_plane(mask_unit, "second_pixels", planes.planes[2], half));
  glUniform1i(place("pairs"), pairs);
  glUniform1i(place("colour_between"), planes.colour_between);
  glUniform1i(place("bottom_up"), planes.bottom_up);
  glUniform2i(place("size"), planes.size.width, planes.size.height);
  glUniform2i(place("half_size"), half.width, half.height);
  glUniform1i(place("black"), planes.matrix.black);
  glUniform1i(place("luma"), planes.matrix.luma);
  glUniform1i(place("red_cr"), planes.matrix.red_cr);
  glUniform1i(place("green_cb"), planes.matrix.green_cb);
  glUniform1i(place("green_cr"), planes.matrix.green_cr);
  glUniform1i(place("blue_cb"), planes.matrix.blue_cb);
  glUniform2f(place("target_size"), static_cast<float>(planes.size.width),
              static_cast<float>(planes.size.height));
  finish({video_surface, planes.size, PixelFormat::xrgb32}, Region(Rect::of(planes.size)));
  return {};
}

Result<void> GlCanvas::draw_video(SurfaceId surface, const Rect& box, const Clip& clip,
                                  const VideoPlanes& planes) {
  if (surface_size(video_surface) != planes.size) {
    CASSIA_TRY(create_surface(video_surface, planes.size, PixelFormat::xrgb32));
  }
  CASSIA_TRY(convert_video(planes));
  Copy copy;
  copy.src.source = SurfaceSource{video_surface};
  copy.src_area = Rect::of(planes.size);
  return draw({surface, box, clip, std::move(copy)});
}

}  // namespace cassia::raster::gl
