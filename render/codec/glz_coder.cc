// SPDX-License-Identifier: Apache-2.0
#include "render/codec/glz_coder.h"

namespace cassia::codec::glz {

std::uint8_t* put_any_match(std::uint8_t* out, std::size_t length, Match match) {
  const bool far = match.offset >= short_offset;
  const bool very_far = match.offset >= medium_offset;
  const std::size_t code = std::min(length, longest_match_code);
  *out++ = static_cast<std::uint8_t>(code << 5 | static_cast<std::size_t>(far) << 4 |
                                     (match.offset & 15));
  if (code == longest_match_code) {
    for (length -= longest_match_code; length >= 255; length -= 255) *out++ = 255;
    *out++ = static_cast<std::uint8_t>(length);
  }
  *out++ = static_cast<std::uint8_t>(match.offset >> 4);
  std::uint8_t& flags = *out++;
  std::size_t distance = match.image_distance;
  std::size_t bits = 0;
  if (far) {
    bits = static_cast<std::size_t>(very_far) << 5 | (match.offset >> 12 & 31);
  } else {
    bits = distance & 63;
    distance >>= 6;
  }
  for (; distance != 0; distance >>= 8) {
    *out++ = static_cast<std::uint8_t>(distance);
    bits += 1u << 6;
  }
  flags = static_cast<std::uint8_t>(bits);
  if (very_far) *out++ = static_cast<std::uint8_t>(match.offset >> 17);
  return out;
}

}  // namespace cassia::codec::glz
