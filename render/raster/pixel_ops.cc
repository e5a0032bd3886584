// SPDX-License-Identifier: Apache-2.0
#include "render/raster/pixel_ops.h"

#include <pixman.h>

#include <cstring>

namespace cassia::raster {
namespace {

constexpr std::uint32_t all_if(unsigned bit) { return bit ? ~std::uint32_t{0} : 0; }

template <class T>
T* pixels(Bitmap& bitmap, std::int32_t x, std::int32_t y) {
  return reinterpret_cast<T*>(bitmap.row(y)) + x;
}
template <class T>
const T* pixels(const Bitmap& bitmap, std::int32_t x, std::int32_t y) {
  return reinterpret_cast<const T*>(bitmap.row(y)) + x;
}

template <class T>
void copy_row(T* to, const T* from, std::int32_t count) {
  std::memcpy(to, from, static_cast<std::size_t>(count) * sizeof(T));
}

/// Calls `body` with a value of the type that holds one pixel. Not for a1, whose pixels share
/// bytes.
template <class Body>
void with_pixel_type(PixelFormat format, Body&& body) {
  switch (bits_per_pixel(format)) {
    case 8:
      return body(std::uint8_t{});
    case 16:
      return body(std::uint16_t{});
    default:
      return body(std::uint32_t{});
  }
}

/// The slow and obvious form, for a1: `value(x, y)` gives the source's pixel.
template <class Value>
void combine_bits(Bitmap& target, const Rect& area, const RopMasks& rop, Value&& value) {
  for (std::int32_t y = area.top; y < area.bottom; ++y) {
    for (std::int32_t x = area.left; x < area.right; ++x) {
      set_pixel(target, {x, y}, rop.apply<std::uint32_t>(value(x, y), pixel_at(target, {x, y})));
    }
  }
}

template <class T>
void fill_rows(Bitmap& target, const Rect& area, T value, const RopMasks& rop) {
  // With the source fixed, every operation is (D & a) ^ b.
  const T a = static_cast<T>((value & rop.and_s) ^ rop.xor_s);
  const T b = static_cast<T>((value & rop.and_r) ^ rop.xor_r);
  for (std::int32_t y = area.top; y < area.bottom; ++y) {
    T* row = pixels<T>(target, area.left, y);
    for (std::int32_t i = 0; i < area.width(); ++i) row[i] = static_cast<T>((row[i] & a) ^ b);
  }
}

template <class T>
void set_rows(Bitmap& target, const Rect& area, T value) {
  for (std::int32_t y = area.top; y < area.bottom; ++y) {
    T* row = pixels<T>(target, area.left, y);
    std::fill(row, row + area.width(), value);
  }
}

template <class T>
void rop_row(T* to, const T* from, std::int32_t count, const RopMasks& rop) {
  for (std::int32_t i = 0; i < count; ++i) to[i] = rop.apply<T>(from[i], to[i]);
}

template <class T>
void tile_rows(Bitmap& target, const Rect& area, const Bitmap& tile, Point origin, Rop rop) {
  const RopMasks masks(rop);
  const std::int32_t first = wrap_coordinate(std::int64_t{area.left} - origin.x, tile.width());
  for (std::int32_t y = area.top; y < area.bottom; ++y) {
    const std::int32_t ty = wrap_coordinate(std::int64_t{y} - origin.y, tile.height());
    T* to = pixels<T>(target, area.left, y);
    std::int32_t tx = first;
    for (std::int32_t left = area.width(); left > 0;) {
      const std::int32_t run = std::min(left, tile.width() - tx);
      const T* from = pixels<T>(tile, tx, ty);
      rop == Rop::copy ? copy_row(to, from, run) : rop_row(to, from, run, masks);
      to += run;
      left -= run;
      tx = 0;
    }
  }
}

template <class T>
void key_row(T* to, const T* from, std::int32_t count, T key, T mask) {
  for (std::int32_t i = 0; i < count; ++i) {
    if ((from[i] & mask) != key) to[i] = from[i];
  }
}

template <class T>
void rop3_row(T* to, const T* from, const T* pattern, std::int32_t count, const RopMasks& with_p,
              const RopMasks& without_p) {
  for (std::int32_t i = 0; i < count; ++i) {
    const T p = pattern[i];
    to[i] = static_cast<T>((p & with_p.apply<T>(from[i], to[i])) |
                           (~p & without_p.apply<T>(from[i], to[i])));
  }
}

template <class T>
void rop3_rows(Bitmap& target, const Rect& area, const Bitmap& source, Point offset,
               const Rop3Pattern& pattern, std::uint8_t code) {
  const RopMasks with_p(code >> 4u);
  const RopMasks without_p(code & 15u);
  std::vector<T> line(static_cast<std::size_t>(area.width()), static_cast<T>(pattern.value));
  for (std::int32_t y = area.top; y < area.bottom; ++y) {
    if (pattern.tile != nullptr) {
      const Bitmap& tile = *pattern.tile;
      const std::int32_t ty = wrap_coordinate(std::int64_t{y} - pattern.origin.y, tile.height());
      std::int32_t tx = wrap_coordinate(std::int64_t{area.left} - pattern.origin.x, tile.width());
      for (T& value : line) {
        value = *pixels<T>(tile, tx, ty);
        if (++tx == tile.width()) tx = 0;
      }
    }
    rop3_row(pixels<T>(target, area.left, y), pixels<T>(source, area.left - offset.x, y - offset.y),
             line.data(), area.width(), with_p, without_p);
  }
}

}  // namespace

RopMasks::RopMasks(unsigned code) {
  const unsigned f00 = code & 1, f01 = (code >> 1) & 1, f10 = (code >> 2) & 1,
                 f11 = (code >> 3) & 1;
  and_s = all_if((f01 ^ f00) != (f11 ^ f10));
  xor_s = all_if(f01 ^ f00);
  and_r = all_if(f10 ^ f00);
  xor_r = all_if(f00);
}

bool rop_reads_destination(Rop rop) {
  const unsigned code = static_cast<unsigned>(rop);
  return (code & 5) != ((code >> 1) & 5);
}

bool rop_reads_source(Rop rop) {
  const unsigned code = static_cast<unsigned>(rop);
  return (code & 3) != (code >> 2);
}

std::uint32_t pixel_at(const Bitmap& bitmap, Point at) {
  switch (bits_per_pixel(bitmap.format())) {
    case 1:
      return (bitmap.row(at.y)[at.x / 8] >> (at.x % 8)) & 1;
    case 8:
      return bitmap.row(at.y)[at.x];
    case 16:
      return *pixels<std::uint16_t>(bitmap, at.x, at.y);
    default:
      return *pixels<std::uint32_t>(bitmap, at.x, at.y);
  }
}

void set_pixel(Bitmap& bitmap, Point at, std::uint32_t value) {
  switch (bits_per_pixel(bitmap.format())) {
    case 1: {
      std::uint8_t& byte = bitmap.row(at.y)[at.x / 8];
      const unsigned bit = 1u << (at.x % 8);
      byte = static_cast<std::uint8_t>((value & 1) ? byte | bit : byte & ~bit);
      return;
    }
    case 8:
      bitmap.row(at.y)[at.x] = static_cast<std::uint8_t>(value);
      return;
    case 16:
      *pixels<std::uint16_t>(bitmap, at.x, at.y) = static_cast<std::uint16_t>(value);
      return;
    default:
      *pixels<std::uint32_t>(bitmap, at.x, at.y) = value;
      return;
  }
}

void fill_rect(Bitmap& target, const Rect& area, std::uint32_t value, Rop rop) {
  const RopMasks masks(rop);
  if (target.format() == PixelFormat::a1) {
    return combine_bits(target, area, masks, [&](std::int32_t, std::int32_t) { return value; });
  }
  with_pixel_type(target.format(), [&](auto type) {
    using T = decltype(type);
    const T pixel = static_cast<T>(value);
    if (rop_reads_destination(rop)) return fill_rows<T>(target, area, pixel, masks);
    const T result = masks.apply<T>(pixel, 0);
    const bool done = pixman_fill(reinterpret_cast<std::uint32_t*>(target.row(0)),
                                  target.stride() / 4, bits_per_pixel(target.format()), area.left,
                                  area.top, area.width(), area.height(), result);
    if (!done) set_rows<T>(target, area, result);
  });
}

void tile_rect(Bitmap& target, const Rect& area, const Bitmap& tile, Point origin, Rop rop) {
  if (target.format() == PixelFormat::a1) {
    return combine_bits(target, area, RopMasks(rop), [&](std::int32_t x, std::int32_t y) {
      return pixel_at(tile, {wrap_coordinate(std::int64_t{x} - origin.x, tile.width()),
                             wrap_coordinate(std::int64_t{y} - origin.y, tile.height())});
    });
  }
  with_pixel_type(target.format(),
                  [&](auto type) { tile_rows<decltype(type)>(target, area, tile, origin, rop); });
}

void blit_rect(Bitmap& target, const Rect& area, const Bitmap& source, Point offset, Rop rop) {
  const RopMasks masks(rop);
  if (target.format() == PixelFormat::a1) {
    return combine_bits(target, area, masks, [&](std::int32_t x, std::int32_t y) {
      return pixel_at(source, {x - offset.x, y - offset.y});
    });
  }
  with_pixel_type(target.format(), [&](auto type) {
    using T = decltype(type);
    for (std::int32_t y = area.top; y < area.bottom; ++y) {
      T* to = pixels<T>(target, area.left, y);
      const T* from = pixels<T>(source, area.left - offset.x, y - offset.y);
      rop == Rop::copy ? copy_row(to, from, area.width()) : rop_row(to, from, area.width(), masks);
    }
  });
}

void blit_color_key(Bitmap& target, const Rect& area, const Bitmap& source, Point offset,
                    std::uint32_t key) {
  if (target.format() == PixelFormat::a1) {
    for (std::int32_t y = area.top; y < area.bottom; ++y) {
      for (std::int32_t x = area.left; x < area.right; ++x) {
        const std::uint32_t value = pixel_at(source, {x - offset.x, y - offset.y});
        if (value != (key & 1)) set_pixel(target, {x, y}, value);
      }
    }
    return;
  }
  with_pixel_type(target.format(), [&](auto type) {
    using T = decltype(type);
    const T mask = static_cast<T>(sizeof(T) == 4 ? 0xffffff : ~std::uint32_t{0});
    for (std::int32_t y = area.top; y < area.bottom; ++y) {
      key_row<T>(pixels<T>(target, area.left, y),
                 pixels<T>(source, area.left - offset.x, y - offset.y), area.width(),
                 static_cast<T>(key & mask), mask);
    }
  });
}

void move_rect(Bitmap& bitmap, const Rect& area, Point offset) {
  const bool down = offset.y > 0;
  const std::int32_t height = area.height();
  for (std::int32_t i = 0; i < height; ++i) {
    const std::int32_t y = down ? area.bottom - 1 - i : area.top + i;
    if (bitmap.format() == PixelFormat::a1) {
      for (std::int32_t k = 0; k < area.width(); ++k) {
        const std::int32_t x = offset.x > 0 ? area.right - 1 - k : area.left + k;
        set_pixel(bitmap, {x, y}, pixel_at(bitmap, {x - offset.x, y - offset.y}));
      }
      continue;
    }
    const std::size_t bytes = static_cast<std::size_t>(bits_per_pixel(bitmap.format())) / 8;
    std::memmove(bitmap.row(y) + static_cast<std::size_t>(area.left) * bytes,
                 bitmap.row(y - offset.y) + static_cast<std::size_t>(area.left - offset.x) * bytes,
                 static_cast<std::size_t>(area.width()) * bytes);
  }
}

void rop3_rect(Bitmap& target, const Rect& area, const Bitmap& source, Point offset,
               const Rop3Pattern& pattern, std::uint8_t code) {
  if (target.format() == PixelFormat::a1) {
    for (std::int32_t y = area.top; y < area.bottom; ++y) {
      for (std::int32_t x = area.left; x < area.right; ++x) {
        const Bitmap* tile = pattern.tile;
        const std::uint32_t p =
            tile == nullptr
                ? pattern.value & 1
                : pixel_at(*tile,
                           {wrap_coordinate(std::int64_t{x} - pattern.origin.x, tile->width()),
                            wrap_coordinate(std::int64_t{y} - pattern.origin.y, tile->height())});
        const std::uint32_t s = pixel_at(source, {x - offset.x, y - offset.y});
        set_pixel(target, {x, y}, (code >> (p * 4 + s * 2 + pixel_at(target, {x, y}))) & 1u);
      }
    }
    return;
  }
  with_pixel_type(target.format(), [&](auto type) {
    rop3_rows<decltype(type)>(target, area, source, offset, pattern, code);
  });
}

std::int32_t wrap_coordinate(std::int64_t value, std::int32_t size) {
  const std::int64_t rest = value % size;
  return static_cast<std::int32_t>(rest < 0 ? rest + size : rest);
}

}  // namespace cassia::raster
