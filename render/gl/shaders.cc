// SPDX-License-Identifier: Apache-2.0
#include "render/gl/shaders.h"

namespace cassia::raster::gl {

const char* const shader_version = "#version 330 core\n";

const char* const draw_vertex_shader = R"(#version 330 core
in vec2 position;
uniform vec2 target_size;
void main() { gl_Position = vec4(position / target_size * 2.0 - 1.0, 0.0, 1.0); }
)";

// What the shaders of draws and composites share. Formats are numbered as PixelFormat: a1 a8 rgb555
// rgb565 xrgb32 argb32. The arithmetic is pixman's: products rounded by (t + (t >> 8)) >> 8, 16.16
// coordinates, 7-bit filter weights.
const char* const pixel_functions = R"(
uvec4 unpack(int format, uint p) {
  if (format == 0) return uvec4(0u, 0u, 0u, (p & 1u) * 255u);
  if (format == 1) return uvec4(0u, 0u, 0u, p & 255u);
  if (format == 2) {
    uvec3 c = uvec3(p >> 10, p >> 5, p) & 31u;
    return uvec4((c << 3) | (c >> 2), 255u);
  }
  if (format == 3) {
    uvec3 c = uvec3(p >> 11, p >> 5, p) & uvec3(31u, 63u, 31u);
    return uvec4((c.r << 3) | (c.r >> 2), (c.g << 2) | (c.g >> 4), (c.b << 3) | (c.b >> 2), 255u);
  }
  uvec3 c = uvec3(p >> 16, p >> 8, p) & 255u;
  return uvec4(c, format == 4 ? 255u : p >> 24);
}

uint pack(int format, uvec4 c) {
  if (format == 0) return c.a >> 7;
  if (format == 1) return c.a;
  if (format == 2) return ((c.r >> 3) << 10) | ((c.g >> 3) << 5) | (c.b >> 3);
  if (format == 3) return ((c.r >> 3) << 11) | ((c.g >> 2) << 5) | (c.b >> 3);
  uint rgb = (c.r << 16) | (c.g << 8) | c.b;
  return format == 4 ? rgb : rgb | (c.a << 24);
}

uvec4 times(uvec4 c, uvec4 a) {
  uvec4 t = c * a + 128u;
  return (t + (t >> 8)) >> 8;
}

// Of the four pixels around `at`, left to right, then the row below.
uvec4 filtered_color(ivec2 at, uvec4 c00, uvec4 c10, uvec4 c01, uvec4 c11) {
  uvec2 w = uvec2((at >> 9) & 127) << 1;
  uint both = w.x * w.y;
  uvec4 sum = c00 * (65536u - (w.x << 8) - (w.y << 8) + both) + c10 * ((w.x << 8) - both) +
              c01 * ((w.y << 8) - both) + c11 * both;
  return sum >> 16;
}
)";

const char* const draw_fragment_shader = R"(
uniform int operation;        // 0 paint, 1 source, 2 key, 3 over, 4 paint over through mask, 5 ternary
uniform usampler2D source_pixels;
uniform usampler2D tile_pixels;
uniform usampler2D target_pixels;  // a copy of what lies below
uniform usampler2D mask_pixels;
uniform ivec2 target_origin;
uniform int target_format;
uniform int source_format;
uniform int tile_format;
uniform uint value_mask;
uniform uint rop;             // 4 bits; 8 for ternary

uniform bool tiled;
uniform uint solid;
uniform ivec2 tile_origin;
uniform ivec2 tile_size;

uniform ivec2 source_offset;  // source pixel = target pixel - offset
uniform ivec2 source_size;
uniform ivec2 source_origin;  // where the source starts within its texture
uniform bool scaled;
uniform bool filtered;
uniform ivec2 from;
uniform ivec2 to;
uniform ivec2 steps;

uniform uint key;
uniform uint key_mask;
uniform uint alpha;
uniform ivec2 mask_offset;
uniform uint mask_scale;      // 255 for masks of one bit

out uint pixel;

uint apply_rop(uint code, uint s, uint d) {
  uint f00 = 0u - (code & 1u), f01 = 0u - ((code >> 1) & 1u);
  uint f10 = 0u - ((code >> 2) & 1u), f11 = 0u - ((code >> 3) & 1u);
  return (~s & ~d & f00) | (~s & d & f01) | (s & ~d & f10) | (s & d & f11);
}

uvec4 over(uvec4 s, uvec4 d) { return min(s + times(d, uvec4(255u - s.a)), uvec4(255u)); }

uint raw_source(ivec2 at) { return texelFetch(source_pixels, at - source_origin, 0).r; }

uvec4 color_at(ivec2 at) {
  bool outside = any(lessThan(at, ivec2(0))) || any(greaterThanEqual(at, source_size));
  return outside ? uvec4(0u) : unpack(source_format, raw_source(at));
}

uvec4 scaled_color(ivec2 p) {
  ivec2 at = (p - to) * steps + ((steps + 1) >> 1) + (from << 16);
  if (!filtered) return color_at((at - 1) >> 16);
  at -= 0x8000;
  ivec2 first = at >> 16;
  return filtered_color(at, color_at(first), color_at(first + ivec2(1, 0)),
                        color_at(first + ivec2(0, 1)), color_at(first + ivec2(1, 1)));
}

uvec4 source_color(ivec2 p) { return scaled ? scaled_color(p) : color_at(p - source_offset); }
uint source_pixel(ivec2 p) {
  return scaled ? pack(target_format, scaled_color(p)) : raw_source(p - source_offset);
}

uint paint_pixel(ivec2 p) {
  if (!tiled) return solid;
  return texelFetch(tile_pixels, (p - tile_origin) % tile_size, 0).r;
}

void main() {
  ivec2 p = ivec2(gl_FragCoord.xy);
  uint below = texelFetch(target_pixels, p - target_origin, 0).r;
  uint result = 0u;
  if (operation == 0) {
    result = apply_rop(rop, paint_pixel(p), below);
  } else if (operation == 1) {
    result = apply_rop(rop, source_pixel(p), below);
  } else if (operation == 2) {
    result = source_pixel(p);
    if ((result & key_mask) == key) discard;
  } else if (operation == 3) {
    uvec4 s = source_color(p);
    if (alpha != 255u) s = times(s, uvec4(alpha));
    result = pack(target_format, over(s, unpack(target_format, below)));
  } else if (operation == 4) {
    uint through = texelFetch(mask_pixels, p - mask_offset, 0).r * mask_scale;
    uvec4 s = unpack(tile_format, paint_pixel(p));
    if (tile_format > 1 || !tiled) s.a = 255u;
    result = pack(target_format, over(times(s, uvec4(through)), unpack(target_format, below)));
  } else {
    uint s = source_pixel(p);
    uint brush = paint_pixel(p);
    result = (brush & apply_rop(rop >> 4, s, below)) | (~brush & apply_rop(rop & 15u, s, below));
  }
  pixel = result & value_mask;
}
)";

const char* const present_vertex_shader = R"(#version 330 core
in vec2 position;
out vec2 at;
uniform vec2 source_size;
void main() {
  at = vec2(position.x, 1.0 - position.y) * source_size;
  gl_Position = vec4(position * 2.0 - 1.0, 0.0, 1.0);
}
)";

const char* const present_fragment_shader = R"(#version 330 core
in vec2 at;
out vec4 color;
uniform usampler2D source_pixels;
uniform vec2 source_size;
uniform int source_format;
uniform bool filtered;

vec3 rgb(uint p) {
  if (source_format == 0) return vec3(float(p & 1u));
  if (source_format == 1) return vec3(float(p & 255u) / 255.0);
  if (source_format == 2) return vec3(uvec3(p >> 10, p >> 5, p) & 31u) / 31.0;
  if (source_format == 3) return vec3(uvec3(p >> 11, p >> 5, p) & uvec3(31u, 63u, 31u)) / vec3(31.0, 63.0, 31.0);
  return vec3(uvec3(p >> 16, p >> 8, p) & 255u) / 255.0;
}

vec3 fetch(ivec2 p) {
  return rgb(texelFetch(source_pixels, clamp(p, ivec2(0), ivec2(source_size) - 1), 0).r);
}

void main() {
  if (!filtered) {
    color = vec4(fetch(ivec2(at)), 1.0);
    return;
  }
  vec2 centre = at - 0.5;
  ivec2 first = ivec2(floor(centre));
  vec2 w = centre - vec2(first);
  color = vec4(mix(mix(fetch(first), fetch(first + ivec2(1, 0)), w.x),
                   mix(fetch(first + ivec2(0, 1)), fetch(first + ivec2(1, 1)), w.x), w.y), 1.0);
}
)";

}  // namespace cassia::raster::gl
