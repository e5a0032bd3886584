// SPDX-License-Identifier: Apache-2.0
#pragma once

// The streams that GLZ encoding makes: which bits of a pixel count, how pixels are hashed, how a
// literal is stored, how lengths are biased. Internal to render/codec.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "render/codec/lz_match.h"
#include "render/codec/pixels.h"

namespace cassia::codec::glz {

/// Eight pixels of 32 bits, or sixteen of 16; three. The streams' salts keep them apart.
template <class Pixel, std::uint64_t masks, std::uint64_t salt>
struct Hashes {
  static std::uint64_t hash_many(const Pixel* p) {
    const std::uint64_t first = word(p, 0) ^ std::rotl(word(p, 1), 27);
    const std::uint64_t second = word(p, 2) ^ std::rotl(word(p, 3), 27);
    return first * factor + second * other_factor + salt * factor;
  }
  static std::uint64_t hash_few(const Pixel* p) {
    if constexpr (sizeof(Pixel) == 2) return (word(p, 0) << 16) * factor + salt * other_factor;
    return word(p, 0) * factor + (p[2] & masks) * other_factor + salt * factor;
  }

 private:
  static constexpr std::uint64_t factor = 0x9e3779b97f4a7c15, other_factor = 0xd6e8feb86659fd93;
  static std::uint64_t word(const Pixel* p, std::size_t at) {
    return load_le64(reinterpret_cast<const std::uint8_t*>(p) + 8 * at) & masks;
  }
};

struct CodeRgb16 : Hashes<std::uint16_t, 0x7fff'7fff'7fff'7fff, 1> {
  using Pixel = std::uint16_t;
  static constexpr std::uint64_t masks = 0x7fff'7fff'7fff'7fff;
  static constexpr Pixel mask = 0x7fff;
  static constexpr std::size_t literal_bytes = 2, bias = 1;
  static void put(std::uint8_t* out, Pixel pixel) {
    out[0] = static_cast<std::uint8_t>(pixel >> 8);
    out[1] = static_cast<std::uint8_t>(pixel);
  }
};

struct CodeRgb32 : Hashes<std::uint32_t, 0x00ffffff'00ffffff, 2> {
  using Pixel = std::uint32_t;
  static constexpr std::uint64_t masks = 0x00ffffff'00ffffff;
  static constexpr Pixel mask = 0x00ffffff;
  static constexpr std::size_t literal_bytes = 3, bias = 0;
  static void put(std::uint8_t* out, Pixel pixel) {
    std::memcpy(out, &pixel, 4);  // the fourth byte is overwritten by what follows
  }
};

/// The alpha of the same 32-bit pixels.
struct CodeAlpha : Hashes<std::uint32_t, 0xff000000'ff000000, 3> {
  using Pixel = std::uint32_t;
  static constexpr std::uint64_t masks = 0xff000000'ff000000;
  static constexpr Pixel mask = 0xff000000;
  static constexpr std::size_t literal_bytes = 1, bias = 2;
  static void put(std::uint8_t* out, Pixel pixel) { *out = static_cast<std::uint8_t>(pixel >> 24); }
};

}  // namespace cassia::codec::glz
