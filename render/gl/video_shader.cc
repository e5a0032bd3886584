// SPDX-License-Identifier: Apache-2.0
#include "render/gl/shaders.h"

namespace cassia::raster::gl {

// to_bitmap() of render/raster/video_planes.h, number for number.
const char* const video_fragment_shader = R"(
uniform usampler2D luma_pixels;
uniform usampler2D first_pixels;   // Cb, or Cb and Cr in turn
uniform usampler2D second_pixels;  // Cr
uniform bool pairs;
uniform bool colour_between;
uniform bool bottom_up;
uniform ivec2 size;
uniform ivec2 half_size;
uniform int black;
uniform int luma;
uniform int red_cr;
uniform int green_cb;
uniform int green_cr;
uniform int blue_cb;
out uint pixel;

ivec2 colour_at(int column, int row) {
  if (pairs) {
    return ivec2(texelFetch(first_pixels, ivec2(2 * column, row), 0).r,
                 texelFetch(first_pixels, ivec2(2 * column + 1, row), 0).r);
  }
  return ivec2(texelFetch(first_pixels, ivec2(column, row), 0).r,
               texelFetch(second_pixels, ivec2(column, row), 0).r);
}

// Two samples, and how much of each in quarters.
ivec4 between(int at, int count) {
  int near = at / 2;
  return ivec4(near, clamp(near + ((at & 1) == 0 ? -1 : 1), 0, count - 1), 3, 1);
}

uint byte_of(int sum) { return uint(clamp((sum + 32768) >> 16, 0, 255)); }

void main() {
  ivec2 p = ivec2(gl_FragCoord.xy);
  if (bottom_up) p.y = size.y - 1 - p.y;
  bool even = (p.x & 1) == 0;
  ivec4 y = between(p.y, half_size.y);
  ivec4 x = colour_between ? between(p.x, half_size.x)
                           : ivec4(p.x / 2, min(p.x / 2 + (even ? 0 : 1), half_size.x - 1),
                                   even ? 4 : 2, even ? 0 : 2);
  ivec2 first = colour_at(x.x, y.x) * y.z + colour_at(x.x, y.y) * y.w;
  ivec2 second = colour_at(x.y, y.x) * y.z + colour_at(x.y, y.y) * y.w;
  ivec2 c = ((first * x.z + second * x.w + (even ? 8 : 7)) >> 4) - 128;
  int light = luma * (int(texelFetch(luma_pixels, p, 0).r) - black);
  pixel = 0xff000000u | (byte_of(light + red_cr * c.y) << 16) |
          (byte_of(light + green_cb * c.x + green_cr * c.y) << 8) | byte_of(light + blue_cb * c.x);
}
)";

}  // namespace cassia::raster::gl
