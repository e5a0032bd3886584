// SPDX-License-Identifier: Apache-2.0
#include "render/raster/bitmap.h"

#include <cstdlib>
#include <cstring>

namespace cassia::raster {
namespace {

/// The bits of a pixel that mean something.
std::uint32_t visible_bits(PixelFormat format) {
  switch (format) {
    case PixelFormat::rgb555:
      return 0x7fff;
    case PixelFormat::xrgb32:
      return 0x00ffffff;
    default:
      return 0xffffffff;
  }
}

bool is_32bit(PixelFormat format) {
  return format == PixelFormat::xrgb32 || format == PixelFormat::argb32;
}

bool same_row32(const Bitmap& a, const Bitmap& b, std::int32_t y) {
  const bool mixed = a.format() != b.format();
  const std::uint32_t mask = visible_bits(mixed ? PixelFormat::xrgb32 : a.format());
  const std::uint32_t opaque_a = mixed && a.format() == PixelFormat::argb32 ? 0xff000000u : 0;
  const std::uint32_t opaque_b = mixed && b.format() == PixelFormat::argb32 ? 0xff000000u : 0;
  const std::uint32_t* pa = a.row32(y);
  const std::uint32_t* pb = b.row32(y);
  for (std::int32_t x = 0; x < a.width(); ++x) {
    if ((pa[x] ^ pb[x]) & mask) return false;
    if ((pa[x] & opaque_a) != opaque_a || (pb[x] & opaque_b) != opaque_b) return false;
  }
  return true;
}

bool same_row555(const Bitmap& a, const Bitmap& b, std::int32_t y) {
  const auto* pa = reinterpret_cast<const std::uint16_t*>(a.row(y));
  const auto* pb = reinterpret_cast<const std::uint16_t*>(b.row(y));
  for (std::int32_t x = 0; x < a.width(); ++x) {
    if ((pa[x] ^ pb[x]) & 0x7fff) return false;
  }
  return true;
}

bool same_row_packed(const Bitmap& a, const Bitmap& b, std::int32_t y) {
  const std::size_t bits = static_cast<std::size_t>(a.width()) * bits_per_pixel(a.format());
  if (std::memcmp(a.row(y), b.row(y), bits / 8) != 0) return false;
  if (bits % 8 == 0) return true;
  const unsigned mask = (1u << (bits % 8)) - 1;
  return ((a.row(y)[bits / 8] ^ b.row(y)[bits / 8]) & mask) == 0;
}

Result<Bitmap> allocate(Size size, PixelFormat format, bool clear) {
  if (size.width < 0 || size.height < 0 || size.width > max_side || size.height > max_side) {
    return fail(ErrorKind::invalid_argument, "a bitmap of {}x{} pixels is not possible", size.width,
                size.height);
  }
  const std::size_t stride =
      (static_cast<std::size_t>(size.width) * bits_per_pixel(format) + 31) / 32 * 4;
  const std::size_t bytes = stride * static_cast<std::size_t>(size.height);
  if (bytes > max_bitmap_bytes) {
    return fail(ErrorKind::no_space, "a bitmap of {}x{} pixels is larger than the limit of {} MiB",
                size.width, size.height, max_bitmap_bytes >> 20);
  }
  void* pixels = clear ? std::calloc(bytes + 4, 1) : std::malloc(bytes + 4);
  if (pixels == nullptr) {
    return fail(ErrorKind::no_space, "no memory for a bitmap of {}x{} pixels", size.width,
                size.height);
  }
  std::shared_ptr<void> owner(pixels, std::free);
  return Bitmap::wrap(size, format, static_cast<std::int32_t>(stride),
                      static_cast<std::uint8_t*>(pixels), std::move(owner));
}

}  // namespace

int bits_per_pixel(PixelFormat format) {
  switch (format) {
    case PixelFormat::a1:
      return 1;
    case PixelFormat::a8:
      return 8;
    case PixelFormat::rgb555:
    case PixelFormat::rgb565:
      return 16;
    case PixelFormat::xrgb32:
    case PixelFormat::argb32:
      return 32;
  }
  return 32;
}

Result<Bitmap> Bitmap::create(Size size, PixelFormat format) {
  return allocate(size, format, false);
}

Result<Bitmap> Bitmap::create_cleared(Size size, PixelFormat format) {
  return allocate(size, format, true);
}

Bitmap Bitmap::wrap(Size size, PixelFormat format, std::int32_t stride, std::uint8_t* pixels,
                    std::shared_ptr<const void> owner) {
  Bitmap bitmap;
  bitmap.owner_ = std::move(owner);
  bitmap.pixels_ = pixels;
  bitmap.size_ = size;
  bitmap.stride_ = stride;
  bitmap.format_ = format;
  return bitmap;
}

Bitmap Bitmap::view(const Rect& area) const {
  Bitmap part = *this;
  part.size_ = area.size();
  part.pixels_ = pixels_ + static_cast<std::ptrdiff_t>(area.top) * stride_ +
                 static_cast<std::ptrdiff_t>(area.left) * bits_per_pixel(format_) / 8;
  return part;
}

Result<Bitmap> Bitmap::copy(const Rect& area) const {
  if (!area.empty() && !Rect::of(size_).contains(area)) {
    return fail(ErrorKind::invalid_argument, "the area to copy reaches outside a {}x{} bitmap",
                size_.width, size_.height);
  }
  const Size size = area.empty() ? Size{} : area.size();
  Bitmap target = CASSIA_TRY(create(size, format_));
  if (size.empty()) return target;
  const int bits = bits_per_pixel(format_);
  if (format_ != PixelFormat::a1 || area.left % 8 == 0) {
    const std::size_t offset = static_cast<std::size_t>(area.left) * bits / 8;
    const std::size_t length = (static_cast<std::size_t>(size.width) * bits + 7) / 8;
    for (std::int32_t y = 0; y < size.height; ++y) {
      std::memcpy(target.row(y), row(area.top + y) + offset, length);
    }
    return target;
  }
  std::memset(target.row(0), 0, target.byte_size());
  for (std::int32_t y = 0; y < size.height; ++y) {
    const std::uint8_t* from = row(area.top + y);
    std::uint8_t* to = target.row(y);
    for (std::int32_t x = 0; x < size.width; ++x) {
      const std::int32_t sx = area.left + x;
      to[x / 8] |= static_cast<std::uint8_t>(((from[sx / 8] >> (sx % 8)) & 1) << (x % 8));
    }
  }
  return target;
}

bool same_pixels(const Bitmap& a, const Bitmap& b) {
  if (a.size() != b.size()) return false;
  if (a.format() != b.format() && !(is_32bit(a.format()) && is_32bit(b.format()))) return false;
  for (std::int32_t y = 0; y < a.height(); ++y) {
    const bool same = is_32bit(a.format())                ? same_row32(a, b, y)
                      : a.format() == PixelFormat::rgb555 ? same_row555(a, b, y)
                                                          : same_row_packed(a, b, y);
    if (!same) return false;
  }
  return true;
}

}  // namespace cassia::raster
