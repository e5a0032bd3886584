// SPDX-License-Identifier: Apache-2.0
#pragma once

// What QUIC encoding can know of a whole row before it codes the first pixel: the residual of every
// pixel and which pixels equal their left neighbour. Internal to render/codec.
//
// A pixel is 32 bits with a component in each of the three lower bytes, or one byte.

#include <cstddef>
#include <cstdint>

#include "render/codec/cpu.h"

namespace cassia::codec::quic {

/// How residuals are folded: the difference's low bits are a signed number; 0, -1, 1, -2, ...
/// become 0, 1, 2, 3, ...
enum class Depth : std::uint8_t { bits5, bits8 };

/// Words of a bit set with one bit for each pixel of a row.
constexpr std::size_t mask_words(std::size_t width) { return width / 64 + 1; }

/// `above` is null for the first row. `residuals` gets `width` elements (the highest byte of
/// 32-bit ones is undefined). Bit x - 1 of `same` tells whether pixel x equals pixel x - 1; all
/// mask_words(width) words are written, and bits from width - 1 on are 0.
void predict_row(SimdLevel level, Depth depth, const std::uint32_t* above, const std::uint32_t* row,
                 std::size_t width, std::uint32_t* residuals, std::uint64_t* same);
/// The same for bytes, which have eight bits.
void predict_row(SimdLevel level, const std::uint8_t* above, const std::uint8_t* row,
                 std::size_t width, std::uint8_t* residuals, std::uint64_t* same);

}  // namespace cassia::codec::quic
