// SPDX-License-Identifier: Apache-2.0
#pragma once

// The inner loops of an LZ encoder: how far two places of a picture are equal, and pixels packed
// as literals. One struct a SimdLevel; all give the same answers. Internal.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "render/codec/cpu.h"
#include "render/codec/pixels.h"

namespace cassia::codec::lz {

/// equal() looks at this many bytes of both places, all of which must be there.
inline constexpr std::size_t compare_bytes = 32;
/// And equal_wide() at as many.
inline constexpr std::size_t wide_bytes = 64;
/// And equal_block() at as many.
inline constexpr std::size_t block_bytes = 128;

template <SimdLevel level>
struct MatchKernels {
  /// How many of the first compare_bytes bytes are equal before one differs. Bit i of `ignored`:
  /// byte i (and i + 8, ...) is not looked at.
  template <std::uint8_t ignored>
  static std::size_t equal(const void* a, const void* b) {
    constexpr std::uint64_t mask = [] {
      std::uint64_t m = 0;
      for (unsigned i = 0; i < 8; ++i) {
        if ((ignored >> i & 1) == 0) m |= std::uint64_t{0xff} << (8 * i);
      }
      return m;
    }();
    const auto* p = static_cast<const std::uint8_t*>(a);
    const auto* q = static_cast<const std::uint8_t*>(b);
    for (std::size_t n = 0; n < compare_bytes; n += 8) {
      const std::uint64_t changed = (load_le64(p + n) ^ load_le64(q + n)) & mask;
      if (changed != 0) return n + static_cast<std::size_t>(std::countr_zero(changed)) / 8;
    }
    return compare_bytes;
  }
  /// How many of the first wide_bytes bytes are equal, in the bits that `mask` has (repeated every
  /// 8 bytes), before one differs.
  template <std::uint64_t mask>
  static std::size_t equal_wide(const void* a, const void* b) {
    const auto* p = static_cast<const std::uint8_t*>(a);
    const auto* q = static_cast<const std::uint8_t*>(b);
    for (std::size_t n = 0; n < wide_bytes; n += 8) {
      const std::uint64_t changed = (load_le64(p + n) ^ load_le64(q + n)) & mask;
      if (changed != 0) return n + static_cast<std::size_t>(std::countr_zero(changed)) / 8;
    }
    return wide_bytes;
  }
  /// For what has proved to be long: true if block_bytes bytes are equal likewise.
  template <std::uint64_t mask>
  static bool equal_block(const void* a, const void* b) {
    return equal_wide<mask>(a, b) == wide_bytes &&
           equal_wide<mask>(static_cast<const std::uint8_t*>(a) + wide_bytes,
                            static_cast<const std::uint8_t*>(b) + wide_bytes) == wide_bytes;
  }
  /// The blue, green and red of `count` pixels. Reads up to 7 pixels and writes up to 15 bytes
  /// more.
  static void pack24(std::uint8_t* to, const std::uint32_t* from, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) std::memcpy(to + 3 * i, from + i, 4);
  }
};

}  // namespace cassia::codec::lz

#if defined(CASSIA_HAVE_X86_SIMD)

#include <immintrin.h>

namespace cassia::codec::lz {

template <>
struct MatchKernels<SimdLevel::sse41> {
  template <std::uint8_t ignored>
  CASSIA_TARGET_SSE41 static inline std::size_t equal(const void* a, const void* b) {
    const auto* p = static_cast<const __m128i*>(a);
    const auto* q = static_cast<const __m128i*>(b);
    const __m128i low = _mm_cmpeq_epi8(_mm_loadu_si128(p), _mm_loadu_si128(q));
    const __m128i high = _mm_cmpeq_epi8(_mm_loadu_si128(p + 1), _mm_loadu_si128(q + 1));
    const auto same = static_cast<std::uint32_t>(_mm_movemask_epi8(low)) |
                      static_cast<std::uint32_t>(_mm_movemask_epi8(high)) << 16;
    return static_cast<std::size_t>(std::countr_one(same | ignored * 0x01010101u));
  }
  template <std::uint64_t mask>
  CASSIA_TARGET_SSE41 static inline std::size_t equal_wide(const void* a, const void* b) {
    const auto* p = static_cast<const __m128i*>(a);
    const auto* q = static_cast<const __m128i*>(b);
    std::uint64_t same = 0;
    for (unsigned i = 0; i < 4; ++i) {
      const __m128i changed =
          _mm_and_si128(_mm_xor_si128(_mm_loadu_si128(p + i), _mm_loadu_si128(q + i)),
                        _mm_set1_epi64x(static_cast<long long>(mask)));
      const auto bits = static_cast<std::uint32_t>(
          _mm_movemask_epi8(_mm_cmpeq_epi8(changed, _mm_setzero_si128())));
      same |= std::uint64_t{bits} << (16 * i);
    }
    return static_cast<std::size_t>(std::countr_one(same));
  }
  template <std::uint64_t mask>
  CASSIA_TARGET_SSE41 static inline bool equal_block(const void* a, const void* b) {
    return equal_wide<mask>(a, b) == wide_bytes &&
           equal_wide<mask>(static_cast<const std::uint8_t*>(a) + wide_bytes,
                            static_cast<const std::uint8_t*>(b) + wide_bytes) == wide_bytes;
  }
  CASSIA_TARGET_SSE41 static inline void pack24(std::uint8_t* to, const std::uint32_t* from,
                                                std::size_t count) {
    const __m128i squeeze = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    for (std::size_t i = 0; i < count; i += 4, to += 12) {
      const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_shuffle_epi8(v, squeeze));
    }
  }
};

template <>
struct MatchKernels<SimdLevel::avx2> {
  template <std::uint8_t ignored>
  CASSIA_TARGET_AVX2 static inline std::size_t equal(const void* a, const void* b) {
    const __m256i v = _mm256_cmpeq_epi8(_mm256_loadu_si256(static_cast<const __m256i*>(a)),
                                        _mm256_loadu_si256(static_cast<const __m256i*>(b)));
    const auto same = static_cast<std::uint32_t>(_mm256_movemask_epi8(v));
    return static_cast<std::size_t>(std::countr_one(same | ignored * 0x01010101u));
  }
  template <std::uint64_t mask>
  CASSIA_TARGET_AVX2 static inline std::size_t equal_wide(const void* a, const void* b) {
    const auto* p = static_cast<const __m256i*>(a);
    const auto* q = static_cast<const __m256i*>(b);
    std::uint64_t same = 0;
    for (unsigned i = 0; i < 2; ++i) {
      const __m256i changed =
          _mm256_and_si256(_mm256_xor_si256(_mm256_loadu_si256(p + i), _mm256_loadu_si256(q + i)),
                           _mm256_set1_epi64x(static_cast<long long>(mask)));
      const auto bits = static_cast<std::uint32_t>(
          _mm256_movemask_epi8(_mm256_cmpeq_epi8(changed, _mm256_setzero_si256())));
      same |= std::uint64_t{bits} << (32 * i);
    }
    return static_cast<std::size_t>(std::countr_one(same));
  }
  template <std::uint64_t mask>
  CASSIA_TARGET_AVX2 static inline bool equal_block(const void* a, const void* b) {
    const auto* p = static_cast<const __m256i*>(a);
    const auto* q = static_cast<const __m256i*>(b);
    const __m256i first = _mm256_xor_si256(_mm256_loadu_si256(p), _mm256_loadu_si256(q));
    const __m256i second = _mm256_xor_si256(_mm256_loadu_si256(p + 1), _mm256_loadu_si256(q + 1));
    const __m256i third = _mm256_xor_si256(_mm256_loadu_si256(p + 2), _mm256_loadu_si256(q + 2));
    const __m256i fourth = _mm256_xor_si256(_mm256_loadu_si256(p + 3), _mm256_loadu_si256(q + 3));
    const __m256i changed =
        _mm256_or_si256(_mm256_or_si256(first, second), _mm256_or_si256(third, fourth));
    return _mm256_testz_si256(changed, _mm256_set1_epi64x(static_cast<long long>(mask))) != 0;
  }
  CASSIA_TARGET_AVX2 static inline void pack24(std::uint8_t* to, const std::uint32_t* from,
                                               std::size_t count) {
    MatchKernels<SimdLevel::sse41>::pack24(to, from, count);
  }
};

}  // namespace cassia::codec::lz

#endif
