// SPDX-License-Identifier: Apache-2.0
#pragma once

// Numbers of the GLZ format that its decoder and encoder share; FORMATS.md describes the rest.
// Internal to render/codec.

#include <cstddef>
#include <cstdint>

namespace cassia::codec::glz {

/// magic, version (4 bytes each, big-endian, as LZ's), type | top_down << 4 (1), width, height,
/// stride (4 each), image id (8), distance to the oldest image of the sender's window (4).
inline constexpr std::size_t header_bytes = 33;
inline constexpr unsigned top_down_shift = 4;

/// Offsets have 12 bits, or 17, or 25: no window holds more pixels than the last can reach.
inline constexpr std::size_t short_offset = std::size_t{1} << 12;
inline constexpr std::size_t medium_offset = std::size_t{1} << 17;
inline constexpr std::size_t long_offset = std::size_t{1} << 25;

inline constexpr std::size_t longest_match_code = 7;  ///< from here on more length bytes follow

}  // namespace cassia::codec::glz
