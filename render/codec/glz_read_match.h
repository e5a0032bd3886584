// SPDX-License-Identifier: Apache-2.0
#pragma once

// How a match stands in a GLZ stream (FORMATS.md), read in two ways: with every check, and for the
// middle of a stream. Internal to render/codec.

#include "render/codec/glz_format.h"
#include "render/codec/lz_copy.h"

namespace cassia::codec::glz {

struct Match {
  std::size_t length = 0;
  std::size_t offset = 0;            ///< pixels back, or from the start of the other image
  std::uint32_t image_distance = 0;  ///< 0: this image
};

/// Reads a match whose first byte was `control`. Lengths and offsets are still biased.
[[gnu::always_inline]] inline bool read_match(lz::Input& in, unsigned control, std::size_t limit,
                                              Match& match) {
  match.length = control >> 5;
  match.offset = control & 15;
  if (match.length == 7 && !lz::extend_length(in, match.length, limit)) return false;
  if (in.left() < 2) return false;
  match.offset += static_cast<std::size_t>(*in.p++) << 4;
  unsigned code = *in.p++;
  const unsigned more = code >> 6;
  const bool long_offset = (control & 16) != 0;
  const bool very_long_offset = long_offset && (code & 32) != 0;
  if (in.left() < more + (very_long_offset ? 1 : 0)) return false;
  unsigned shift = 6;
  if (long_offset) {
    match.offset += static_cast<std::size_t>(code & 31) << 12;
    match.image_distance = 0;
    shift = 0;
  } else {
    match.image_distance = code & 63;
  }
  for (unsigned i = 0; i < more; ++i, shift += 8) {
    match.image_distance += static_cast<std::uint32_t>(*in.p++) << shift;
  }
  if (very_long_offset) match.offset += static_cast<std::size_t>(*in.p++) << 17;
  return true;
}

// read_match() for the middle of a stream, where input is left. `head`: the operation's first four
// bytes; in.p is behind the first of them. What is usual is read without a branch that could be
// guessed wrongly.

/// Of an offset of up to 12 bits: lengths come with and without a second byte.
[[gnu::always_inline]] inline bool read_near_match(lz::Input& in, std::uint32_t head,
                                                   std::size_t limit, Match& match) {
  const unsigned control = head & 255;
  const std::size_t extended = ((control >> 5) + 1) >> 3;
  const std::size_t extra = *in.p & (0 - extended);
  const std::uint8_t* p = in.p + extended;
  const std::size_t code = p[1];
  if (extra == 255 || code >> 6 != 0) [[unlikely]]
    return read_match(in, control, limit, match);
  match.length = (control >> 5) + extra;
  match.offset = (control & 15) | std::size_t{p[0]} << 4;
  match.image_distance = static_cast<std::uint32_t>(code);
  in.p = p + 2;
  return true;
}

/// Of an offset of 17 or 25 bits: the matches of a photo, where lengths are small.
[[gnu::always_inline]] inline bool read_far_match(lz::Input& in, std::uint32_t head,
                                                  std::size_t limit, Match& match) {
  const unsigned control = head & 255;
  if (control >= longest_match_code << 5 || (head >> 16 & 0xc0) != 0) [[unlikely]]
    return read_match(in, control, limit, match);
  const std::size_t very_far = head >> 21 & 1;
  match.length = control >> 5;
  match.offset = (head & 15) | (head >> 4 & 0xff0) | (head >> 16 & 31) << 12 |
                 (std::size_t{head >> 24} & (0 - very_far)) << 17;
  match.image_distance = 0;
  in.p += 2 + very_far;
  return true;
}

}  // namespace cassia::codec::glz
