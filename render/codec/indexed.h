// SPDX-License-Identifier: Apache-2.0
#pragma once

// Pictures of few colours: a palette and rows of indices, as LZ_PLT and palettised bitmaps hold
// them. Internal to render/codec.

#include <memory>
#include <optional>

#include "render/raster/bitmap.h"
#include "render/raster/image.h"

namespace cassia::codec {

/// A picture as one byte a pixel, rows without gaps, and what the bytes stand for.
struct IndexedPicture {
  raster::Size size;
  std::vector<std::uint32_t> colors;  ///< 0x00RRGGBB, in order of appearance
  std::unique_ptr<std::uint8_t[]> indices;
};

/// `bitmap` (xrgb32) by its colours; nothing if there are more than `most` (256 at most) of them,
/// which is found out no later than the first pixel of one too many.
std::optional<IndexedPicture> index_colors(const raster::Bitmap& bitmap, std::size_t most);

/// Bits of a pixel in a palettised format, 0 for the others.
unsigned index_bits(raster::WireBitmapFormat format);
/// The format of fewest bits that holds `colors` of them, as stock peers use it (high bits first).
raster::WireBitmapFormat format_for(std::size_t colors);

/// Row `y` in `format`, row_bytes() of it; bits behind the last pixel are 0.
void pack_row(const IndexedPicture& picture, std::int32_t y, raster::WireBitmapFormat format,
              std::uint8_t* to);

/// The palette for the wire. Two entries at least: peers read both whatever a picture uses.
std::shared_ptr<const raster::Palette> palette_of(const IndexedPicture& picture);

}  // namespace cassia::codec
