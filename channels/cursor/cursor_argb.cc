// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "channels/cursor/cursor_channel.h"
#include "protocol/wire/reader.h"

namespace cassia::channels {
namespace {

constexpr std::uint32_t opaque = 0xff000000u;
constexpr std::uint32_t inverting = opaque;  // see cursor_to_argb() in the header
constexpr std::uint16_t max_cursor_side = 1024;

bool bit_at(ByteView plane, std::size_t index) {
  return (plane[index / 8] & (0x80u >> (index % 8))) != 0;
}

/// Pixel data, palette and AND mask of the types that have colours.
struct ColorLayout {
  std::size_t pixel_bytes = 0;
  std::size_t palette_entries = 0;
  std::uint32_t white = 0xffffff;  ///< the colour that inverts where the mask is set
};

ColorLayout layout_of(const CursorShape& shape) {
  const std::size_t w = shape.width;
  const std::size_t h = shape.height;
  switch (shape.type) {
    case CursorType::color4:
      return {(w + 1) / 2 * h, 16};
    case CursorType::color8:
      return {w * h, 256};
    case CursorType::color16:
      return {w * 2 * h, 0};
    case CursorType::color24:
      return {w * 3 * h, 0};
    default:
      return {w * 4 * h, 0};
  }
}

std::uint32_t from_555(std::uint32_t p) {
  const auto widen = [](std::uint32_t c) { return (c << 3) | (c >> 2); };
  return (widen((p >> 10) & 0x1f) << 16) | (widen((p >> 5) & 0x1f) << 8) | widen(p & 0x1f);
}

std::uint32_t color_at(const CursorShape& shape, ByteView pixels, ByteView palette, std::size_t x,
                       std::size_t y) {
  const std::size_t w = shape.width;
  const std::size_t i = y * w + x;
  const auto palette_color = [&](std::size_t index) {
    return wire::Reader(palette).at(index * 4).u32() & 0xffffff;
  };
  switch (shape.type) {
    case CursorType::color4: {
      const std::uint8_t pair = pixels[y * ((w + 1) / 2) + x / 2];
      return palette_color((x & 1) != 0 ? pair & 0x0f : pair >> 4);
    }
    case CursorType::color8:
      return palette_color(pixels[i]);
    case CursorType::color16:
      return from_555(static_cast<std::uint32_t>(pixels[i * 2] | (pixels[i * 2 + 1] << 8)));
    case CursorType::color24:
      return static_cast<std::uint32_t>(pixels[i * 3] | (pixels[i * 3 + 1] << 8) |
                                        (pixels[i * 3 + 2] << 16));
    default:
      return wire::Reader(pixels).at(i * 4).u32() & 0xffffff;
  }
}

tl::unexpected<Error> too_short(const CursorShape& shape, std::size_t needed) {
  return fail(ErrorKind::malformed, "a {}x{} cursor of type {} has {} bytes of {}", shape.width,
              shape.height, static_cast<int>(shape.type), shape.data.size(), needed);
}

Result<void> fill_color(const CursorShape& shape, raster::Bitmap& out) {
  const ColorLayout layout = layout_of(shape);
  const std::size_t mask_bytes = (std::size_t{shape.width} * shape.height + 7) / 8;
  const std::size_t needed = layout.pixel_bytes + layout.palette_entries * 4 + mask_bytes;
  const ByteView data = shape.data.view();
  if (data.size() < needed) return too_short(shape, needed);
  const ByteView pixels = data.first(layout.pixel_bytes);
  const ByteView palette = data.subspan(layout.pixel_bytes, layout.palette_entries * 4);
  const ByteView mask = data.subspan(layout.pixel_bytes + palette.size(), mask_bytes);
  for (std::size_t y = 0; y < shape.height; ++y) {
    std::uint32_t* row = out.row32(static_cast<std::int32_t>(y));
    for (std::size_t x = 0; x < shape.width; ++x) {
      const std::uint32_t color = color_at(shape, pixels, palette, x, y);
      const bool masked = bit_at(mask, y * shape.width + x);
      row[x] = !masked ? color | opaque : color == layout.white ? inverting : 0;
    }
  }
  return {};
}

Result<void> fill_mono(const CursorShape& shape, raster::Bitmap& out) {
  const std::size_t stride = (std::size_t{shape.width} + 7) / 8;
  const std::size_t plane = stride * shape.height;
  const ByteView data = shape.data.view();
  if (data.size() < 2 * plane) return too_short(shape, 2 * plane);
  for (std::size_t y = 0; y < shape.height; ++y) {
    const ByteView and_row = data.subspan(y * stride, stride);
    const ByteView xor_row = data.subspan(plane + y * stride, stride);
    std::uint32_t* row = out.row32(static_cast<std::int32_t>(y));
    for (std::size_t x = 0; x < shape.width; ++x) {
      const bool keep = bit_at(and_row, x);
      const bool flip = bit_at(xor_row, x);
      row[x] = keep ? (flip ? inverting : 0) : (flip ? 0xffffffffu : opaque);
    }
  }
  return {};
}

Result<void> fill_alpha(const CursorShape& shape, raster::Bitmap& out) {
  const std::size_t stride = std::size_t{shape.width} * 4;
  const ByteView data = shape.data.view();
  if (data.size() < stride * shape.height) return too_short(shape, stride * shape.height);
  for (std::size_t y = 0; y < shape.height; ++y) {
    std::memcpy(out.row(static_cast<std::int32_t>(y)), data.data() + y * stride, stride);
  }
  return {};
}

}  // namespace

Result<raster::Bitmap> cursor_to_argb(const CursorShape& shape) {
  if (shape.width == 0 || shape.height == 0 || shape.width > max_cursor_side ||
      shape.height > max_cursor_side) {
    return fail(ErrorKind::malformed, "a cursor of {}x{} pixels", shape.width, shape.height);
  }
  raster::Bitmap out = CASSIA_TRY(
      raster::Bitmap::create_cleared({shape.width, shape.height}, raster::PixelFormat::argb32));
  switch (shape.type) {
    case CursorType::alpha:
      CASSIA_TRY(fill_alpha(shape, out));
      break;
    case CursorType::mono:
      CASSIA_TRY(fill_mono(shape, out));
      break;
    case CursorType::color4:
    case CursorType::color8:
    case CursorType::color16:
    case CursorType::color24:
    case CursorType::color32:
      CASSIA_TRY(fill_color(shape, out));
      break;
    default:
      return fail(ErrorKind::unsupported, "cursor type {}", static_cast<int>(shape.type));
  }
  return out;
}

}  // namespace cassia::channels
