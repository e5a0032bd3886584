// SPDX-License-Identifier: Apache-2.0
#pragma once

// pixman's view of our bitmaps: no pixel is copied, so the bitmap must outlive the image.

#include <pixman.h>

#include <memory>
#include <optional>

#include "render/raster/bitmap.h"

namespace cassia::raster {

struct PixmanDeleter {
  void operator()(pixman_image_t* image) const { pixman_image_unref(image); }
};
using PixmanImage = std::unique_ptr<pixman_image_t, PixmanDeleter>;

inline pixman_format_code_t pixman_format(PixelFormat format) {
  switch (format) {
    case PixelFormat::a1:
      return PIXMAN_a1;
    case PixelFormat::a8:
      return PIXMAN_a8;
    case PixelFormat::rgb555:
      return PIXMAN_x1r5g5b5;
    case PixelFormat::rgb565:
      return PIXMAN_r5g6b5;
    case PixelFormat::xrgb32:
      return PIXMAN_x8r8g8b8;
    case PixelFormat::argb32:
      return PIXMAN_a8r8g8b8;
  }
  return PIXMAN_a8r8g8b8;
}

/// Drawing on the image writes to the bitmap: pass one that nobody else sees as a target.
inline PixmanImage pixman_over(const Bitmap& bitmap, std::optional<PixelFormat> as = {}) {
  auto* bits = const_cast<std::uint32_t*>(bitmap.row32(0));
  return PixmanImage(pixman_image_create_bits_no_clear(pixman_format(as.value_or(bitmap.format())),
                                                       bitmap.width(), bitmap.height(), bits,
                                                       bitmap.stride()));
}

/// Makes `image` a source whose pixel (0,0) is the top left one of `to`, sampled from `from`.
/// Steps are cut to 16.16 and samples outside the image are 0, as in the reference client.
inline void set_scaling(pixman_image_t* image, const Rect& from, const Rect& to, bool nearest) {
  const auto step = [](std::int32_t source, std::int32_t target) {
    return static_cast<pixman_fixed_t>((std::int64_t{source} << 16) / target);
  };
  pixman_transform_t transform;
  pixman_transform_init_scale(&transform, step(from.width(), to.width()),
                              step(from.height(), to.height()));
  pixman_transform_translate(&transform, nullptr, pixman_int_to_fixed(from.left),
                             pixman_int_to_fixed(from.top));
  pixman_image_set_transform(image, &transform);
  pixman_image_set_repeat(image, PIXMAN_REPEAT_NONE);
  pixman_image_set_filter(image, nearest ? PIXMAN_FILTER_NEAREST : PIXMAN_FILTER_GOOD, nullptr, 0);
}

inline PixmanImage pixman_solid(std::uint32_t argb) {
  const auto part = [&](int shift) {
    return static_cast<std::uint16_t>(((argb >> shift) & 0xff) * 0x101);
  };
  const pixman_color_t color = {part(16), part(8), part(0), part(24)};
  return PixmanImage(pixman_image_create_solid_fill(&color));
}

}  // namespace cassia::raster
