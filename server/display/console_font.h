// SPDX-License-Identifier: Apache-2.0
#pragma once

// A small fixed font of our own, 8x16 pixels a character, printable ASCII: for notices and the
// demo guest.

#include <array>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "render/raster/bitmap.h"

namespace cassia::server {

inline constexpr std::int32_t glyph_width = 8;
inline constexpr std::int32_t glyph_height = 16;

/// Rows of a character, top first, bit 7 on the left; a box for what the font lacks.
std::array<std::uint8_t, glyph_height> glyph_rows(char character);

/// `text` on one line, colours 0xRRGGBB, as an xrgb32 bitmap.
Result<raster::Bitmap> draw_text(std::string_view text, std::uint32_t ink, std::uint32_t paper);

}  // namespace cassia::server
