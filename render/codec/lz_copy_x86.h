// SPDX-License-Identifier: Apache-2.0
#pragma once

// lz_copy.h's Kernels in SSE4.1 and AVX2. A repeated pattern shorter than a vector is made by one
// shuffle whose indices count modulo the distance; it is then stored at steps that are multiples of
// the distance. Included by lz_copy.h only.

#include <immintrin.h>

namespace cassia::codec::lz {

/// Row d: the indices that repeat the first d of `lanes` units; row 0 is not used. step: how far
/// the pattern may be moved on without breaking its rhythm.
template <std::size_t lanes, class Index>
struct RepeatTable {
  alignas(32) Index index[lanes + 1][lanes] = {};
  std::uint8_t step[lanes + 1] = {};
  constexpr RepeatTable() {
    for (std::size_t d = 1; d <= lanes; ++d) {
      for (std::size_t i = 0; i < lanes; ++i) index[d][i] = static_cast<Index>(i % d);
      step[d] = static_cast<std::uint8_t>(lanes / d * d);
    }
  }
};
inline constexpr RepeatTable<16, std::uint8_t> repeat_bytes;
inline constexpr RepeatTable<8, std::uint32_t> repeat_words;

/// Sixteen pixels that repeat the `distance` ones before them, a row for each distance up to 16
/// (and more): which of the first eight of those make the first eight, which make the second eight,
/// and where to use the latter instead of what lies eight further on.
struct RepeatSixteen {
  alignas(32) std::uint32_t first[17][8] = {};
  alignas(32) std::uint32_t second[17][8] = {};
  alignas(32) std::uint32_t use_second[17][8] = {};
  constexpr RepeatSixteen() {
    for (std::size_t d = 1; d <= 16; ++d) {
      for (std::size_t i = 0; i < 8; ++i) {
        first[d][i] = static_cast<std::uint32_t>(i % d);
        second[d][i] = static_cast<std::uint32_t>((8 + i) % d & 7);
        use_second[d][i] = 8 + i >= d ? ~std::uint32_t{0} : 0;
      }
    }
  }
};
inline constexpr RepeatSixteen repeat_sixteen;

/// For pshufb: the first `distance` (1 to 4) pixels of 4 over and over.
struct RepeatPixels {
  alignas(16) std::uint8_t index[5][16] = {};
  constexpr RepeatPixels() {
    for (std::size_t d = 1; d <= 4; ++d) {
      for (std::size_t i = 0; i < 16; ++i) {
        index[d][i] = static_cast<std::uint8_t>(i / 4 % d * 4 + i % 4);
      }
    }
  }
};
inline constexpr RepeatPixels repeat_pixels;

inline __m128i load16(const void* p) { return _mm_loadu_si128(static_cast<const __m128i*>(p)); }
inline void store16(void* p, __m128i v) { _mm_storeu_si128(static_cast<__m128i*>(p), v); }

template <>
struct Kernels<SimdLevel::sse41> {
  CASSIA_TARGET_SSE41 static inline void literals24(std::uint32_t* to, const std::uint8_t* from,
                                                    std::size_t count) {
    const __m128i spread = _mm_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1);
    std::uint32_t* const stop = to + count;
    do {
      store16(to, _mm_shuffle_epi8(load16(from), spread));
      to += 4;
      from += 12;
    } while (to < stop);
  }
  CASSIA_TARGET_SSE41 static inline void literals16(std::uint32_t* to, const std::uint8_t* from,
                                                    std::size_t count) {
    const __m128i swap = _mm_setr_epi8(1, 0, -1, -1, 3, 2, -1, -1, 5, 4, -1, -1, 7, 6, -1, -1);
    std::uint32_t* const stop = to + count;
    do {
      const __m128i half = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
      store16(to, expand(_mm_shuffle_epi8(half, swap)));
      to += 4;
      from += 8;
    } while (to < stop);
  }
  CASSIA_TARGET_SSE41 static inline void literals8(std::uint8_t* to, const std::uint8_t* from,
                                                   std::size_t) {
    store16(to, load16(from));
    store16(to + 16, load16(from + 16));
  }

  CASSIA_TARGET_SSE41 static inline void far(std::uint32_t* to, const std::uint32_t* from) {
    store16(to, load16(from));
    store16(to + 4, load16(from + 4));
  }
  CASSIA_TARGET_SSE41 static inline void near(std::uint32_t* to, std::size_t distance) {
    const std::uint32_t* from = to - distance;
    if (distance < 4) {
      const __m128i v = pattern(from, distance);
      const std::size_t step = distance == 3 ? 3 : 4;
      for (std::size_t i = 0; i < 6; ++i) store16(to + i * step, v);
    } else {
      for (std::size_t i = 0; i < 16; i += 4) store16(to + i, load16(from + i));
    }
  }
  CASSIA_TARGET_SSE41 static inline void near(std::uint8_t* to, std::size_t distance) {
    store16(to, pattern(to - distance, distance));
  }

  CASSIA_TARGET_SSE41 static inline void match(std::uint32_t* to, std::size_t distance,
                                               std::size_t count) {
    if (distance >= 4) return copy(to, to - distance, count);
    fill(to, pattern(to - distance, distance), distance == 3 ? 3 : 4, count);
  }
  CASSIA_TARGET_SSE41 static inline void match(std::uint8_t* to, std::size_t distance,
                                               std::size_t count) {
    if (distance >= 16) return copy(to, to - distance, count);
    fill(to, pattern(to - distance, distance), repeat_bytes.step[distance], count);
  }

  template <class Pixel>
  CASSIA_TARGET_SSE41 static inline void copy(Pixel* to, const Pixel* from, std::size_t count) {
    constexpr std::size_t lanes = 16 / sizeof(Pixel);
    Pixel* const stop = to + count;
    do {
      store16(to, load16(from));
      to += lanes;
      from += lanes;
    } while (to < stop);
  }

 private:
  CASSIA_TARGET_SSE41 static inline __m128i expand(__m128i c) {
    const __m128i rb = _mm_or_si128(_mm_slli_epi32(_mm_and_si128(c, _mm_set1_epi32(0x7c00)), 9),
                                    _mm_slli_epi32(_mm_and_si128(c, _mm_set1_epi32(0x001f)), 3));
    const __m128i g = _mm_slli_epi32(_mm_and_si128(c, _mm_set1_epi32(0x03e0)), 6);
    const __m128i low =
        _mm_or_si128(_mm_and_si128(_mm_srli_epi32(rb, 5), _mm_set1_epi32(0x00070007)),
                     _mm_and_si128(_mm_srli_epi32(g, 5), _mm_set1_epi32(0x00000700)));
    return _mm_or_si128(_mm_or_si128(rb, g), low);
  }
  CASSIA_TARGET_SSE41 static inline __m128i pattern(const std::uint32_t* from,
                                                    std::size_t distance) {
    return _mm_shuffle_epi8(load16(from), load16(repeat_pixels.index[distance]));
  }
  CASSIA_TARGET_SSE41 static inline __m128i pattern(const std::uint8_t* from,
                                                    std::size_t distance) {
    return _mm_shuffle_epi8(load16(from),
                            load16(repeat_bytes.index[std::min<std::size_t>(distance, 16)]));
  }
  template <class Pixel>
  CASSIA_TARGET_SSE41 static inline void fill(Pixel* to, __m128i v, std::size_t step,
                                              std::size_t count) {
    Pixel* const stop = to + count;
    do {
      store16(to, v);
      to += step;
    } while (to < stop);
  }
};

CASSIA_TARGET_AVX2 inline __m256i load32(const void* p) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(p));
}
CASSIA_TARGET_AVX2 inline void store32(void* p, __m256i v) {
  _mm256_storeu_si256(static_cast<__m256i*>(p), v);
}

/// 32-bit pixels by eight; bytes as above.
template <>
struct Kernels<SimdLevel::avx2> : Kernels<SimdLevel::sse41> {
  using Base = Kernels<SimdLevel::sse41>;

  CASSIA_TARGET_AVX2 static inline void near(std::uint8_t* to, std::size_t distance) {
    Base::near(to, distance);
  }
  CASSIA_TARGET_AVX2 static inline void match(std::uint8_t* to, std::size_t distance,
                                              std::size_t count) {
    Base::match(to, distance, count);
  }
  CASSIA_TARGET_AVX2 static inline void literals24(std::uint32_t* to, const std::uint8_t* from,
                                                   std::size_t count) {
    widen_eight(to, from);
    widen_eight(to + 8, from + 24);
    if (count > 16) {
      widen_eight(to + 16, from + 48);
      widen_eight(to + 24, from + 72);
    }
  }
  CASSIA_TARGET_AVX2 static inline void far(std::uint32_t* to, const std::uint32_t* from) {
    store32(to, load32(from));
  }
  CASSIA_TARGET_AVX2 static inline void near(std::uint32_t* to, std::size_t distance) {
    // Both loads come before the first store: what is loaded just after it was stored has to wait.
    const std::uint32_t* from = to - distance;
    const std::size_t row = std::min<std::size_t>(distance, 16);
    const __m256i head = load32(from);
    const __m256i tail = load32(from + 8);
    const __m256i first = _mm256_permutevar8x32_epi32(head, load32(repeat_sixteen.first[row]));
    const __m256i second = _mm256_permutevar8x32_epi32(head, load32(repeat_sixteen.second[row]));
    store32(to, first);
    store32(to + 8, _mm256_blendv_epi8(tail, second, load32(repeat_sixteen.use_second[row])));
  }
  CASSIA_TARGET_AVX2 static inline void match(std::uint32_t* to, std::size_t distance,
                                              std::size_t count) {
    if (distance >= 8) return copy(to, to - distance, count);
    const __m256i v = pattern(to - distance, distance);
    const std::size_t step = repeat_words.step[distance];
    std::uint32_t* const stop = to + count;
    do {
      store32(to, v);
      store32(to + step, v);
      to += 2 * step;
    } while (to < stop);
  }
  CASSIA_TARGET_AVX2 static inline void copy(std::uint32_t* to, const std::uint32_t* from,
                                             std::size_t count) {
    std::uint32_t* const stop = to + count;
    if (count >= long_copy) {  // from here on stores that straddle no cache line pay
      store32(to, load32(from));
      const std::size_t ahead = 8 - (reinterpret_cast<std::uintptr_t>(to) / 4 & 7);
      to += ahead;
      from += ahead;
    }
    do {
      store32(to, load32(from));
      store32(to + 8, load32(from + 8));
      to += 16;
      from += 16;
    } while (to < stop);
  }

 private:
  CASSIA_TARGET_AVX2 static inline void widen_eight(std::uint32_t* to, const std::uint8_t* from) {
    const __m256i halves = _mm256_setr_epi32(0, 1, 2, 2, 3, 4, 5, 5);
    const __m256i spread = _mm256_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1, 0,
                                            1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1);
    const __m256i v = _mm256_permutevar8x32_epi32(load32(from), halves);
    store32(to, _mm256_shuffle_epi8(v, spread));
  }
  static constexpr std::size_t long_copy = 96;  ///< pixels

  CASSIA_TARGET_AVX2 static inline __m256i pattern(const std::uint32_t* from,
                                                   std::size_t distance) {
    const std::size_t row = std::min<std::size_t>(distance, 8);
    return _mm256_permutevar8x32_epi32(load32(from), load32(repeat_words.index[row]));
  }
};

}  // namespace cassia::codec::lz
