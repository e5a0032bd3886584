// SPDX-License-Identifier: Apache-2.0
#include "render/gl/shaders.h"

namespace cassia::raster::gl {

// The arithmetic is pixman's, as that of pixel_functions: coordinates are taken at the middle of a
// pixel, products are added with saturation.
const char* const composite_fragment_shader = R"(
// Pixels to sample, of either picture. Formats are numbered as PixelFormat.
struct Picture {
  int format;
  ivec2 size;
  ivec2 first;     // texture's pixel (0,0) in the picture
  ivec2 offset;    // picture's coordinate = target's + offset
  int repeat;      // 0 none, 1 normal, 2 pad, 3 reflect
  bool filtered;
  bool transformed;
  ivec3 row_x;     // 16.16
  ivec3 row_y;
};
uniform usampler2D source_pixels;
uniform usampler2D mask_pixels;
uniform usampler2D target_pixels;  // a copy of what lies below
uniform Picture source;
uniform Picture mask;
uniform bool masked;
uniform bool component_alpha;
uniform uint operator;             // pixman's number, 0 to 12
uniform ivec2 target_origin;
uniform int target_format;
uniform uint value_mask;
out uint pixel;

// GLSL leaves the remainder of negative numbers open.
int wrapped(int v, int size) {
  int r = v - (v / size) * size;
  return r < 0 ? r + size : r;
}

int repeated(int v, int size, int repeat) {
  if (repeat == 1) return wrapped(v, size);
  if (repeat == 2) return clamp(v, 0, size - 1);
  int r = wrapped(v, 2 * size);
  return r < size ? r : 2 * size - 1 - r;
}

uvec4 color_at(usampler2D pixels, Picture of, ivec2 at) {
  bool outside = any(lessThan(at, ivec2(0))) || any(greaterThanEqual(at, of.size));
  if (outside) {
    if (of.repeat == 0) return uvec4(0u);
    at = ivec2(repeated(at.x, of.size.x, of.repeat), repeated(at.y, of.size.y, of.repeat));
  }
  return unpack(of.format, texelFetch(pixels, at - of.first, 0).r);
}

uvec4 sampled(usampler2D pixels, Picture of, ivec2 p) {
  p += of.offset;
  if (!of.transformed) return color_at(pixels, of, p);
  // Of the pixel's middle; half a unit more rounds.
  ivec2 at = ivec2(of.row_x.x * p.x + of.row_x.y * p.y + of.row_x.z + ((of.row_x.x + of.row_x.y + 1) >> 1),
                   of.row_y.x * p.x + of.row_y.y * p.y + of.row_y.z + ((of.row_y.x + of.row_y.y + 1) >> 1));
  if (!of.filtered) return color_at(pixels, of, (at - 1) >> 16);
  at -= 0x8000;
  ivec2 first = at >> 16;
  return filtered_color(at, color_at(pixels, of, first), color_at(pixels, of, first + ivec2(1, 0)),
                        color_at(pixels, of, first + ivec2(0, 1)),
                        color_at(pixels, of, first + ivec2(1, 1)));
}

void main() {
  ivec2 p = ivec2(gl_FragCoord.xy);
  uvec4 d = unpack(target_format, texelFetch(target_pixels, p - target_origin, 0).r);
  uvec4 s = sampled(source_pixels, source, p);
  uvec4 sa = uvec4(s.a);  // the source's alpha for each component
  if (masked) {
    uvec4 m = sampled(mask_pixels, mask, p);
    if (!component_alpha) m = uvec4(m.a);
    s = times(s, m);
    sa = times(sa, m);
  }
  const uvec4 none = uvec4(0u), all = uvec4(255u);
  uvec4 da = uvec4(d.a);
  uvec4 of_source = none, of_target = none;
  switch (operator) {
    case 1u: of_source = all; break;
    case 2u: of_target = all; break;
    case 3u: of_source = all; of_target = all - sa; break;
    case 4u: of_source = all - da; of_target = all; break;
    case 5u: of_source = da; break;
    case 6u: of_target = sa; break;
    case 7u: of_source = all - da; break;
    case 8u: of_target = all - sa; break;
    case 9u: of_source = da; of_target = all - sa; break;
    case 10u: of_source = all - da; of_target = sa; break;
    case 11u: of_source = all - da; of_target = all - sa; break;
    case 12u: of_source = all; of_target = all; break;
    default: break;
  }
  pixel = pack(target_format, min(times(s, of_source) + times(d, of_target), all)) & value_mask;
}
)";

}  // namespace cassia::raster::gl
