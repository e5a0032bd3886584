// SPDX-License-Identifier: Apache-2.0
#include "render/raster/video_planes.h"

#include <algorithm>
#include <cmath>

#include "render/raster/canvas.h"

namespace cassia::raster {
namespace {

/// Two samples of colour and how much of each, in quarters.
struct Mix {
  std::int32_t first, second;
  std::int32_t of_first, of_second;
};

Mix between(std::int32_t at, std::int32_t count) {
  const std::int32_t near = at / 2;
  const std::int32_t far = std::clamp(near + (at % 2 == 0 ? -1 : 1), 0, count - 1);
  return {near, far, 3, 1};
}

Mix mix_x(std::int32_t x, std::int32_t count, bool colour_between) {
  if (colour_between) return between(x, count);
  const std::int32_t left = x / 2;
  if (x % 2 == 0) return {left, left, 4, 0};
  return {left, std::min(left + 1, count - 1), 2, 2};
}

std::int32_t colour(const VideoPlanes& p, int component, const Mix& x, const Mix& y,
                    std::int32_t bias) {
  const bool pairs = p.layout == VideoPlanes::Layout::nv12;
  const VideoPlanes::Plane& plane = p.planes[pairs ? 1 : static_cast<std::size_t>(component)];
  const auto sample = [&](std::int32_t column, std::int32_t row) -> std::int32_t {
    const std::int32_t at = pairs ? 2 * column + component - 1 : column;
    return plane.data[static_cast<std::ptrdiff_t>(row) * plane.stride + at];
  };
  const std::int32_t first =
      sample(x.first, y.first) * y.of_first + sample(x.first, y.second) * y.of_second;
  const std::int32_t second =
      sample(x.second, y.first) * y.of_first + sample(x.second, y.second) * y.of_second;
  return ((first * x.of_first + second * x.of_second + bias) >> 4) - 128;
}

std::uint32_t byte_of(std::int32_t sum) {
  return static_cast<std::uint32_t>(std::clamp((sum + 32768) >> 16, 0, 255));
}

void convert_row(const VideoPlanes& p, std::int32_t row, std::uint32_t* to) {
  const Size half = p.colour_size();
  const VideoPlanes::Matrix& m = p.matrix;
  const std::uint8_t* luma = p.planes[0].data + std::ptrdiff_t{row} * p.planes[0].stride;
  const Mix y = between(row, half.height);
  for (std::int32_t column = 0; column < p.size.width; ++column) {
    const Mix x = mix_x(column, half.width, p.colour_between);
    const std::int32_t bias = column % 2 == 0 ? 8 : 7;
    const std::int32_t cb = colour(p, 1, x, y, bias), cr = colour(p, 2, x, y, bias);
    const std::int32_t light = m.luma * (luma[column] - m.black);
    to[column] = 0xff000000u | byte_of(light + m.red_cr * cr) << 16 |
                 byte_of(light + m.green_cb * cb + m.green_cr * cr) << 8 |
                 byte_of(light + m.blue_cb * cb);
  }
}

}  // namespace

VideoPlanes::Matrix VideoPlanes::Matrix::of(double kr, double kb, bool full_range) {
  const double colours = full_range ? 1 : 255.0 / 224, light = full_range ? 1 : 255.0 / 219;
  const auto fixed = [](double v) { return static_cast<std::int32_t>(std::lround(v * 65536)); };
  const double kg = 1 - kr - kb;
  Matrix m;
  m.black = full_range ? 0 : 16;
  m.luma = fixed(light);
  m.red_cr = fixed(2 * (1 - kr) * colours);
  m.blue_cb = fixed(2 * (1 - kb) * colours);
  m.green_cb = fixed(-2 * kb * (1 - kb) / kg * colours);
  m.green_cr = fixed(-2 * kr * (1 - kr) / kg * colours);
  return m;
}

Result<Bitmap> to_bitmap(const VideoPlanes& planes) {
  Bitmap out = CASSIA_TRY(Bitmap::create(planes.size, PixelFormat::xrgb32));
  for (std::int32_t y = 0; y < planes.size.height; ++y) {
    convert_row(planes, planes.bottom_up ? planes.size.height - 1 - y : y, out.row32(y));
  }
  return out;
}

Result<void> Canvas::draw_video(SurfaceId surface, const Rect& box, const Clip& clip,
                                const VideoPlanes& planes) {
  Copy copy;
  copy.src.source = std::make_shared<const Bitmap>(CASSIA_TRY(to_bitmap(planes)));
  copy.src_area = Rect::of(planes.size);
  return draw({surface, box, clip, std::move(copy)});
}

}  // namespace cassia::raster
