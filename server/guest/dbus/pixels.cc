// SPDX-License-Identifier: Apache-2.0
#include "server/guest/dbus/pixels.h"

#include <cstring>

#include "render/raster/pixman_image.h"

namespace cassia::server::dbus {

using raster::Bitmap;
using raster::PixelFormat;

namespace {

constexpr std::uint32_t known_formats[] = {
    PIXMAN_x8r8g8b8, PIXMAN_a8r8g8b8, PIXMAN_x8b8g8r8, PIXMAN_a8b8g8r8, PIXMAN_b8g8r8x8,
    PIXMAN_b8g8r8a8, PIXMAN_r8g8b8x8, PIXMAN_r8g8b8a8, PIXMAN_r8g8b8,   PIXMAN_b8g8r8,
    PIXMAN_r5g6b5,   PIXMAN_x1r5g5b5, PIXMAN_a1r5g5b5};

bool is_known(std::uint32_t format) {
  for (const std::uint32_t known : known_formats) {
    if (known == format) return true;
  }
  return false;
}

std::size_t row_bytes(const PixelLayout& layout) {
  return std::size_t{layout.width} * PIXMAN_FORMAT_BPP(layout.format) / 8;
}

bool is_aligned(const PixelLayout& layout, const void* data) {
  return layout.stride % 4 == 0 && reinterpret_cast<std::uintptr_t>(data) % 4 == 0;
}

raster::Size size_of(const PixelLayout& layout) {
  return {static_cast<std::int32_t>(layout.width), static_cast<std::int32_t>(layout.height)};
}

/// Through pixman, which wants aligned rows: those that are not are copied before.
Result<Bitmap> converted(PixelLayout layout, ByteView data) {
  Bytes aligned;
  if (!is_aligned(layout, data.data())) {
    const std::size_t row = row_bytes(layout);
    const std::size_t stride = (row + 3) / 4 * 4;
    aligned.resize(stride * layout.height);
    for (std::size_t y = 0; y < layout.height; ++y) {
      std::memcpy(aligned.data() + y * stride, data.data() + y * layout.stride, row);
    }
    layout.stride = static_cast<std::uint32_t>(stride);
    data = aligned;
  }
  Bitmap out = CASSIA_TRY(Bitmap::create(size_of(layout), PixelFormat::xrgb32));
  auto* bits = reinterpret_cast<std::uint32_t*>(const_cast<std::uint8_t*>(data.data()));
  const raster::PixmanImage from(pixman_image_create_bits_no_clear(
      static_cast<pixman_format_code_t>(layout.format), out.width(), out.height(), bits,
      static_cast<int>(layout.stride)));
  const raster::PixmanImage to = raster::pixman_over(out);
  if (!from || !to) return fail(ErrorKind::internal, "pixman takes no picture");
  pixman_image_composite32(PIXMAN_OP_SRC, from.get(), nullptr, to.get(), 0, 0, 0, 0, 0, 0,
                           out.width(), out.height());
  return out;
}

}  // namespace

Result<std::size_t> bytes_of(const PixelLayout& layout) {
  constexpr auto most = static_cast<std::uint32_t>(raster::max_side);
  if (!is_known(layout.format)) {
    return fail(ErrorKind::unsupported, "pixels of format {:#x}", layout.format);
  }
  if (layout.width == 0 || layout.height == 0 || layout.width > most || layout.height > most) {
    return fail(ErrorKind::malformed, "a picture of {}x{}", layout.width, layout.height);
  }
  const std::size_t row = row_bytes(layout);
  // Rows come with padding, not with rows of another picture between them.
  if (layout.stride < row || layout.stride > std::size_t{8} * raster::max_side) {
    return fail(ErrorKind::malformed, "rows of {} bytes for {} pixels", layout.stride,
                layout.width);
  }
  if (std::size_t{layout.width} * layout.height * 4 > raster::max_bitmap_bytes) {
    return fail(ErrorKind::malformed, "a picture of {}x{}", layout.width, layout.height);
  }
  return std::size_t{layout.stride} * (layout.height - 1) + row;
}

Result<Bitmap> bitmap_of(const PixelLayout& layout, ByteView data,
                         std::shared_ptr<const void> owner) {
  const std::size_t needed = CASSIA_TRY(bytes_of(layout));
  if (data.size() < needed) {
    return fail(ErrorKind::malformed, "{} bytes of a picture that has {}", data.size(), needed);
  }
  const bool same = layout.format == PIXMAN_x8r8g8b8 || layout.format == PIXMAN_a8r8g8b8;
  if (!same || !is_aligned(layout, data.data())) return converted(layout, data);
  // Nobody writes to it: what is handed on is a const Bitmap.
  return Bitmap::wrap(size_of(layout), PixelFormat::xrgb32,
                      static_cast<std::int32_t>(layout.stride),
                      const_cast<std::uint8_t*>(data.data()), std::move(owner));
}

std::uint32_t format_of_fourcc(std::uint32_t fourcc) {
  const auto code = [](const char(&name)[5]) {
    return static_cast<std::uint32_t>(name[0]) | static_cast<std::uint32_t>(name[1]) << 8 |
           static_cast<std::uint32_t>(name[2]) << 16 | static_cast<std::uint32_t>(name[3]) << 24;
  };
  if (fourcc == code("XR24")) return PIXMAN_x8r8g8b8;
  if (fourcc == code("AR24")) return PIXMAN_a8r8g8b8;
  if (fourcc == code("XB24")) return PIXMAN_x8b8g8r8;
  if (fourcc == code("AB24")) return PIXMAN_a8b8g8r8;
  if (fourcc == code("RG16")) return PIXMAN_r5g6b5;
  return 0;
}

}  // namespace cassia::server::dbus
