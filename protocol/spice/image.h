// SPDX-License-Identifier: Apache-2.0
#pragma once

// Images inside draw messages. Source: spice/enums.h (SPICE_IMAGE_TYPE_*, SPICE_BITMAP_*) and the
// SPICE protocol description (SpiceImageDescriptor, SpiceBitmap, SpiceLZPLT, ...).

#include <cstdint>
#include <optional>
#include <vector>

#include "protocol/wire/fields.h"

namespace cassia::spice {

enum class ImageType : std::uint8_t {
  bitmap = 0,
  quic = 1,
  lz_plt = 100,
  lz_rgb,
  glz_rgb,
  from_cache,
  surface,
  jpeg,
  from_cache_lossless,
  zlib_glz_rgb,
  jpeg_alpha,
  lz4,
};

struct ImageFlags {
  static constexpr std::uint8_t cache_me = 1, high_bits_set = 2, cache_replace_me = 4;
};
struct BitmapFlags {
  static constexpr std::uint8_t palette_cache_me = 1, palette_from_cache = 2, top_down = 4;
};

struct Palette {
  std::uint64_t unique = 0;
  std::vector<std::uint32_t> colors;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.unique);
    io.template list<std::uint16_t>(m.colors, 256, 4);
  }
};

/// What of it is on the wire depends on `type`.
struct Image {
  std::uint64_t id = 0;
  ImageType type = ImageType::bitmap;
  std::uint8_t flags = 0;  ///< ImageFlags
  std::uint32_t width = 0;
  std::uint32_t height = 0;

  std::uint8_t bitmap_format = 0;  ///< bitmap: SPICE_BITMAP_FMT_*
  std::uint8_t bitmap_flags = 0;   ///< bitmap, lz_plt: BitmapFlags; jpeg_alpha: 1 is top down
  std::uint32_t bitmap_width = 0;
  std::uint32_t bitmap_height = 0;
  std::uint32_t stride = 0;
  std::optional<Palette> palette;   ///< bitmap, lz_plt: unless it is in the palette cache
  std::uint64_t palette_id = 0;     ///< with BitmapFlags::palette_from_cache
  std::uint32_t inflated_size = 0;  ///< zlib_glz_rgb
  std::uint32_t jpeg_size = 0;      ///< jpeg_alpha
  std::uint32_t surface_id = 0;     ///< surface
  wire::Blob data;

  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.id, m.type, m.flags, m.width, m.height);
    switch (m.type) {
      case ImageType::bitmap:
        return bitmap_fields(io, m);
      case ImageType::quic:
      case ImageType::lz_rgb:
      case ImageType::glz_rgb:
      case ImageType::jpeg:
      case ImageType::lz4:
        return sized_data(io, m);
      case ImageType::lz_plt:
        return palette_data_fields(io, m);
      case ImageType::zlib_glz_rgb:
        io(m.inflated_size);
        return sized_data(io, m);
      case ImageType::jpeg_alpha:
        io(m.bitmap_flags, m.jpeg_size);
        return sized_data(io, m);
      case ImageType::surface:
        io(m.surface_id);
        return;
      case ImageType::from_cache:
      case ImageType::from_cache_lossless:
        return;
      default:
        io.require(false, "an image has an unknown type");
    }
  }

 private:
  template <class Io, class Self>
  static void sized_data(Io& io, Self& m) {
    auto size = static_cast<std::uint32_t>(m.data.size());
    io(size);
    io.blob(m.data, size);
  }
  template <class Io, class Self>
  static void palette_fields(Io& io, Self& m) {
    if ((m.bitmap_flags & BitmapFlags::palette_from_cache) != 0) {
      io(m.palette_id);
    } else {
      io.pointer(m.palette);
    }
  }
  template <class Io, class Self>
  static void bitmap_fields(Io& io, Self& m) {
    io(m.bitmap_format, m.bitmap_flags, m.bitmap_width, m.bitmap_height, m.stride);
    palette_fields(io, m);
    io.blob(m.data, std::uint64_t{m.stride} * m.bitmap_height);
  }
  template <class Io, class Self>
  static void palette_data_fields(Io& io, Self& m) {
    io(m.bitmap_flags);
    auto size = static_cast<std::uint32_t>(m.data.size());
    io(size);
    palette_fields(io, m);
    io.blob(m.data, size);
  }
};

}  // namespace cassia::spice
