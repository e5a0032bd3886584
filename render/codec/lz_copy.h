// SPDX-License-Identifier: Apache-2.0
#pragma once

// The inner loops of LZ and GLZ: literal pixels and matches, copied widely. Targets (and sources of
// matches) must have slack_bytes behind their last pixel; nothing is written beyond it. Internal.
//
// Two forms. The checked one (copy_literals, copy_match, extend_length) works anywhere in a stream
// and on every processor. Kernels<level> are the bare loops for the middle of a stream: the caller
// knows that read_room bytes of input and write_room pixels of target are left, so that they copy
// whole vectors without asking how many pixels are meant. All levels write the same pixels.

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "render/codec/cpu.h"
#include "render/codec/pixels.h"

namespace cassia::codec::lz {

/// Compressed bytes not yet consumed.
struct Input {
  const std::uint8_t* p;
  const std::uint8_t* end;
  std::size_t left() const { return static_cast<std::size_t>(end - p); }
};

/// Bytes of input that must be left, and pixels that must be wanted, for an operation to go
/// through Kernels without checks: a run of 32 literals reads 104 bytes at most, after up to 5
/// bytes of the operation itself.
inline constexpr std::size_t read_room = 128;
inline constexpr std::size_t write_room = 32;
/// Pixels of a short match: what Kernels::near() writes.
inline constexpr std::size_t near_pixels = 16;
/// And of one from further off than that: what Kernels::far() writes.
inline constexpr std::size_t far_pixels = 8;

template <class Pixel>
inline void copy_wide(Pixel* to, const Pixel* from, std::size_t count) {
  auto* t = reinterpret_cast<std::uint8_t*>(to);
  const auto* f = reinterpret_cast<const std::uint8_t*>(from);
  auto* const stop = t + count * sizeof(Pixel);
  do {
    std::memcpy(t, f, 16);
    t += 16;
    f += 16;
  } while (t < stop);
}

template <class Pixel>
inline void fill_wide(Pixel* to, Pixel value, std::size_t count) {
  constexpr std::size_t lanes = 16 / sizeof(Pixel);
  Pixel pattern[lanes];
  for (Pixel& lane : pattern) lane = value;
  Pixel* const stop = to + count;
  do {
    std::memcpy(to, pattern, 16);
    to += lanes;
  } while (to < stop);
}

/// Repeats the `distance` pixels before `to` until `count` are written.
template <class Pixel>
inline void copy_match(Pixel* to, std::size_t distance, std::size_t count) {
  if (distance == 1) return fill_wide(to, to[-1], count);
  const Pixel* from = to - distance;
  if (distance * sizeof(Pixel) >= 16) return copy_wide(to, from, count);
  for (std::size_t i = 0; i < count; ++i) to[i] = from[i];
}

/// What a level has to offer; this one is for every processor.
///   literals24/16  `count` (1 to 32) pixels from b, g, r bytes, or from big-endian x1r5g5b5
///   literals8      the same of bytes
///   near           near_pixels pixels, repeating the `distance` ones before `to`
///   far            far_pixels pixels from elsewhere (no overlap)
///   match          `count` pixels likewise
///   copy           `count` pixels from elsewhere (no overlap)
/// Up to 63 bytes more may be written, and as many read.
template <SimdLevel level>
struct Kernels {
  static void literals24(std::uint32_t* to, const std::uint8_t* from, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) to[i] = load_le32(from + 3 * i) & color_bits;
  }
  static void literals16(std::uint32_t* to, const std::uint8_t* from, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      to[i] = expand555(static_cast<std::uint32_t>(from[2 * i] << 8 | from[2 * i + 1]));
    }
  }
  static void literals8(std::uint8_t* to, const std::uint8_t* from, std::size_t) {
    std::memcpy(to, from, 32);
  }
  static void far(std::uint32_t* to, const std::uint32_t* from) {
    std::memcpy(to, from, far_pixels * sizeof(*to));
  }
  template <class Pixel>
  static void near(Pixel* to, std::size_t distance) {
    copy_match(to, distance, near_pixels);
  }
  template <class Pixel>
  static void match(Pixel* to, std::size_t distance, std::size_t count) {
    copy_match(to, distance, count);
  }
  template <class Pixel>
  static void copy(Pixel* to, const Pixel* from, std::size_t count) {
    copy_wide(to, from, count);
  }
};

/// How literals of one stream type are stored and how much match lengths and offsets are biased.
struct ByteUnits {
  using Pixel = std::uint8_t;
  static constexpr std::size_t literal_bytes = 1;
  static constexpr std::size_t lz_bias = 3;
  static constexpr std::size_t glz_bias = 2;
  static void literals(Pixel* to, const Input& in, std::size_t count) {
    if (in.left() >= 32) {
      std::memcpy(to, in.p, 32);  // a run of literals is 32 at most
    } else {
      std::memcpy(to, in.p, count);
    }
  }
  template <class K>
  static void wide_literals(Pixel* to, const std::uint8_t* from, std::size_t count) {
    K::literals8(to, from, count);
  }
};

/// x1r5g5b5, high byte first.
struct Rgb16Units {
  using Pixel = std::uint32_t;
  static constexpr std::size_t literal_bytes = 2;
  static constexpr std::size_t lz_bias = 2;
  static constexpr std::size_t glz_bias = 1;
  static void literals(Pixel* to, const Input& in, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      to[i] = expand555(static_cast<std::uint32_t>(in.p[2 * i] << 8 | in.p[2 * i + 1]));
    }
  }
  template <class K>
  static void wide_literals(Pixel* to, const std::uint8_t* from, std::size_t count) {
    K::literals16(to, from, count);
  }
};

/// Blue, green, red.
struct Rgb24Units {
  using Pixel = std::uint32_t;
  static constexpr std::size_t literal_bytes = 3;
  static constexpr std::size_t lz_bias = 1;
  static constexpr std::size_t glz_bias = 0;
  static void literals(Pixel* to, const Input& in, std::size_t count) {
    const std::uint8_t* p = in.p;
    const std::size_t wide = in.left() > 3 * count ? count : count - 1;
    for (std::size_t i = 0; i < wide; ++i, p += 3) to[i] = load_le32(p) & color_bits;
    if (wide != count) {
      to[wide] =
          p[0] | static_cast<std::uint32_t>(p[1] << 8) | static_cast<std::uint32_t>(p[2] << 16);
    }
  }
  template <class K>
  static void wide_literals(Pixel* to, const std::uint8_t* from, std::size_t count) {
    K::literals24(to, from, count);
  }
};

/// Reads the bytes by which a length of 7 or more is continued. False at the end of the input, or
/// if the length exceeds `limit`.
inline bool extend_length(Input& in, std::size_t& length, std::size_t limit) {
  std::uint8_t code;
  do {
    if (in.p == in.end || length > limit) return false;
    code = *in.p++;
    length += code;
  } while (code == 255);
  return true;
}

/// Copies `control + 1` literals. False if there is no room or no data for them.
template <class Units>
inline bool copy_literals(Input& in, unsigned control, typename Units::Pixel*& out,
                          const typename Units::Pixel* limit) {
  const std::size_t count = control + 1;
  if (count > static_cast<std::size_t>(limit - out) || in.left() < count * Units::literal_bytes) {
    return false;
  }
  Units::literals(out, in, count);
  in.p += count * Units::literal_bytes;
  out += count;
  return true;
}

}  // namespace cassia::codec::lz

#if defined(CASSIA_HAVE_X86_SIMD)
#include "render/codec/lz_copy_x86.h"
#endif
