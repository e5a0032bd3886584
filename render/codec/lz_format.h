// SPDX-License-Identifier: Apache-2.0
#pragma once

// Numbers of the LZ format that its decoder and encoder share. All fields are big-endian 32-bit
// words: magic, version, type, width, height, stride, top_down; then the operations. Internal.

#include <cstdint>

namespace cassia::codec::lz {

inline constexpr std::uint32_t magic = 0x20205a4c;  // "  ZL"
inline constexpr std::uint32_t version = 0x00010001;
inline constexpr std::size_t header_bytes = 28;

enum class Type : std::uint32_t {
  invalid,
  plt1_le,
  plt1_be,
  plt4_le,
  plt4_be,
  plt8,
  rgb16,
  rgb24,
  rgb32,
  rgba,
  xxxa,
  a8,
};

inline constexpr unsigned literal_run =
    32;  ///< first bytes below are a count of literals, less one
inline constexpr std::size_t long_match = 7;  ///< this length is continued in further bytes
inline constexpr std::size_t near_limit =
    8191;  ///< distances (less one) from here on take two more bytes
inline constexpr std::size_t far_limit =
    65535 + near_limit;  ///< largest distance less one, exclusive

}  // namespace cassia::codec::lz
