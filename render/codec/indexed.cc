// SPDX-License-Identifier: Apache-2.0
#include "render/codec/indexed.h"

#include <cstring>

#include "render/codec/pixels.h"

namespace cassia::codec {

using raster::Bitmap;
using raster::WireBitmapFormat;

namespace {

/// Colours seen so far, found by hash with open addressing; a quarter full at most.
class ColorIndex {
 public:
  explicit ColorIndex(std::size_t most) : most_(most) { colors_.reserve(most); }

  /// The index of `color`, or nothing if it is one too many.
  std::optional<std::uint8_t> of(std::uint32_t color) {
    std::size_t at = color * 0x9e3779b1u >> (32 - bits);
    while (slots_[at].color != color) {
      if (slots_[at].color == empty) {
        if (colors_.size() == most_) return std::nullopt;
        slots_[at] = {color, static_cast<std::uint8_t>(colors_.size())};
        colors_.push_back(color);
        break;
      }
      at = (at + 1) & (std::size(slots_) - 1);
    }
    return slots_[at].index;
  }

  std::vector<std::uint32_t> take() { return std::move(colors_); }

 private:
  static constexpr unsigned bits = 10;
  static constexpr std::uint32_t empty = 0xffffffff;  // no colour: those have 24 bits
  struct Slot {
    std::uint32_t color = empty;
    std::uint8_t index = 0;
  };
  std::size_t most_;
  Slot slots_[std::size_t{1} << bits];
  std::vector<std::uint32_t> colors_;
};

bool index_row(const std::uint32_t* from, std::size_t width, ColorIndex& index, std::uint8_t* to) {
  std::uint32_t last_color = from[0] & 0xffffff;
  auto last = index.of(last_color);
  for (std::size_t x = 0; x < width; ++x) {
    const std::uint32_t color = from[x] & 0xffffff;
    if (color != last_color) {
      last = index.of(color);
      last_color = color;
    }
    if (!last) return false;
    to[x] = *last;
  }
  return true;
}

}  // namespace

std::optional<IndexedPicture> index_colors(const Bitmap& bitmap, std::size_t most) {
  const auto width = static_cast<std::size_t>(bitmap.width());
  IndexedPicture picture;
  picture.size = bitmap.size();
  picture.indices = std::make_unique_for_overwrite<std::uint8_t[]>(
      width * static_cast<std::size_t>(bitmap.height()));
  ColorIndex index(most);
  std::uint8_t* to = picture.indices.get();
  for (std::int32_t y = 0; y < bitmap.height(); ++y, to += width) {
    if (y > 0 && std::memcmp(bitmap.row(y), bitmap.row(y - 1), width * 4) == 0) {
      std::memcpy(to, to - width, width);
    } else if (!index_row(bitmap.row32(y), width, index, to)) {
      return std::nullopt;
    }
  }
  picture.colors = index.take();
  return picture;
}

unsigned index_bits(WireBitmapFormat format) {
  switch (format) {
    case WireBitmapFormat::bit1_le:
    case WireBitmapFormat::bit1_be:
      return 1;
    case WireBitmapFormat::bit4_le:
    case WireBitmapFormat::bit4_be:
      return 4;
    case WireBitmapFormat::bit8:
      return 8;
    default:
      return 0;
  }
}

WireBitmapFormat format_for(std::size_t colors) {
  if (colors <= 2) return WireBitmapFormat::bit1_be;
  return colors <= 16 ? WireBitmapFormat::bit4_be : WireBitmapFormat::bit8;
}

void pack_row(const IndexedPicture& picture, std::int32_t y, WireBitmapFormat format,
              std::uint8_t* to) {
  const auto width = static_cast<std::size_t>(picture.size.width);
  const std::uint8_t* from = picture.indices.get() + static_cast<std::size_t>(y) * width;
  const unsigned bits = index_bits(format);
  if (bits == 8) {
    std::memcpy(to, from, width);
    return;
  }
  const bool high_first =
      format == WireBitmapFormat::bit1_be || format == WireBitmapFormat::bit4_be;
  const unsigned in_a_byte = 8 / bits;
  for (std::size_t x = 0; x < width; x += in_a_byte, ++to) {
    unsigned byte = 0;
    const auto n = static_cast<unsigned>(std::min<std::size_t>(in_a_byte, width - x));
    for (unsigned i = 0; i < n; ++i) {
      const unsigned shift = (high_first ? in_a_byte - 1 - i : i) * bits;
      byte |= static_cast<unsigned>(from[x + i]) << shift;
    }
    *to = static_cast<std::uint8_t>(byte);
  }
}

std::shared_ptr<const raster::Palette> palette_of(const IndexedPicture& picture) {
  auto palette = std::make_shared<raster::Palette>();
  palette->colors = picture.colors;
  if (palette->colors.size() < 2) palette->colors.resize(2);
  return palette;
}

}  // namespace cassia::codec
