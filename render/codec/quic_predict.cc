// SPDX-License-Identifier: Apache-2.0
#include "render/codec/quic_predict.h"

#include <cstring>
#include <type_traits>

#if defined(CASSIA_HAVE_X86_SIMD)
#include <immintrin.h>
#endif

namespace cassia::codec::quic {
namespace {

constexpr std::uint32_t colors = 0x00ffffffu;

template <Depth depth>
std::uint32_t fold(std::uint32_t pixel, std::uint32_t guess) {
  const std::uint32_t difference =
      ((pixel | 0x80808080u) - (guess & 0x7f7f7f7fu)) ^ ((pixel ^ ~guess) & 0x80808080u);
  if constexpr (depth == Depth::bits8) {
    const std::uint32_t negative = (difference >> 7) & 0x01010101u;
    return ((difference << 1) & 0xfefefefeu) ^ (negative * 255u);
  } else {
    const std::uint32_t negative = (difference >> 4) & 0x01010101u;
    return ((difference << 1) & 0x1e1e1e1eu) ^ (negative * 31u);
  }
}

std::uint32_t mean(std::uint32_t a, std::uint32_t b) {
  return (a & b) + (((a ^ b) >> 1) & 0x7f7f7f7fu);
}

/// Pixels x to width; x > 0. `same` has no bit set from x - 1 on.
template <Depth depth, class Pixel>
void predict_portable(const Pixel* above, const Pixel* row, std::size_t x, std::size_t width,
                      Pixel* residuals, std::uint64_t* same) {
  for (; x < width; ++x) {
    const Pixel left = row[x - 1];
    const auto guess = static_cast<Pixel>(above == nullptr ? left : mean(left, above[x]));
    residuals[x] = static_cast<Pixel>(fold<depth>(row[x], guess));
    const std::uint64_t equal = ((row[x] ^ left) & colors) == 0;
    same[(x - 1) / 64] |= equal << ((x - 1) % 64);
  }
}

#if defined(CASSIA_HAVE_X86_SIMD)

// The vector forms do whole vectors from pixel 1 on and return the first pixel that is left over.
// The lanes are bytes whatever the pixel is; only equality is one of pixels.

template <Depth depth, class Pixel>
CASSIA_TARGET_SSE41 std::size_t predict_sse41(const Pixel* above, const Pixel* row,
                                              std::size_t width, Pixel* residuals,
                                              std::uint64_t* same) {
  constexpr std::size_t count = 16 / sizeof(Pixel);
  constexpr std::size_t block = 16;  // pixels that fill two bytes of `same`
  const auto load = [](const Pixel* p) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  };
  const __m128i zero = _mm_setzero_si128();
  const __m128i ones = _mm_set1_epi8(1);
  std::size_t x = 1;
  for (; x + block <= width; x += block) {
    unsigned equal = 0;
    for (std::size_t i = 0; i < block; i += count) {
      const __m128i left = load(row + x + i - 1);
      const __m128i pixel = load(row + x + i);
      __m128i guess = left;
      if (above != nullptr) {
        const __m128i up = load(above + x + i);
        guess = _mm_sub_epi8(_mm_avg_epu8(left, up), _mm_and_si128(_mm_xor_si128(left, up), ones));
      }
      __m128i difference = _mm_sub_epi8(pixel, guess);
      if constexpr (depth == Depth::bits5) {
        const __m128i sign = _mm_set1_epi8(16);
        difference = _mm_and_si128(difference, _mm_set1_epi8(31));
        difference = _mm_sub_epi8(_mm_xor_si128(difference, sign), sign);
      }
      const __m128i folded =
          _mm_xor_si128(_mm_add_epi8(difference, difference), _mm_cmpgt_epi8(zero, difference));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(residuals + x + i), folded);
      const __m128i change = _mm_xor_si128(pixel, left);
      if constexpr (sizeof(Pixel) == 1) {
        equal = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(change, zero)));
      } else {
        const __m128i visible = _mm_and_si128(change, _mm_set1_epi32(colors));
        const int mask = _mm_movemask_ps(_mm_castsi128_ps(_mm_cmpeq_epi32(visible, zero)));
        equal |= static_cast<unsigned>(mask) << i;
      }
    }
    const auto two_bytes = static_cast<std::uint16_t>(equal);
    std::memcpy(reinterpret_cast<std::uint8_t*>(same) + (x - 1) / 8, &two_bytes, 2);
  }
  return x;
}

template <Depth depth, class Pixel>
CASSIA_TARGET_AVX2 std::size_t predict_avx2(const Pixel* above, const Pixel* row, std::size_t width,
                                            Pixel* residuals, std::uint64_t* same) {
  constexpr std::size_t count = 32 / sizeof(Pixel);
  const __m256i zero = _mm256_setzero_si256();
  const __m256i ones = _mm256_set1_epi8(1);
  std::size_t x = 1;
  for (; x + count <= width; x += count) {
    const __m256i left = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row + x - 1));
    const __m256i pixel = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row + x));
    __m256i guess = left;
    if (above != nullptr) {
      const __m256i up = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(above + x));
      guess = _mm256_sub_epi8(_mm256_avg_epu8(left, up),
                              _mm256_and_si256(_mm256_xor_si256(left, up), ones));
    }
    __m256i difference = _mm256_sub_epi8(pixel, guess);
    if constexpr (depth == Depth::bits5) {
      const __m256i sign = _mm256_set1_epi8(16);
      difference = _mm256_and_si256(difference, _mm256_set1_epi8(31));
      difference = _mm256_sub_epi8(_mm256_xor_si256(difference, sign), sign);
    }
    const __m256i folded = _mm256_xor_si256(_mm256_add_epi8(difference, difference),
                                            _mm256_cmpgt_epi8(zero, difference));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(residuals + x), folded);
    const __m256i change = _mm256_xor_si256(pixel, left);
    std::uint8_t* mask = reinterpret_cast<std::uint8_t*>(same) + (x - 1) / 8;
    if constexpr (sizeof(Pixel) == 1) {
      const int equal = _mm256_movemask_epi8(_mm256_cmpeq_epi8(change, zero));
      std::memcpy(mask, &equal, 4);
    } else {
      const __m256i visible = _mm256_and_si256(change, _mm256_set1_epi32(colors));
      const __m256i equal = _mm256_cmpeq_epi32(visible, zero);
      *mask = static_cast<std::uint8_t>(_mm256_movemask_ps(_mm256_castsi256_ps(equal)));
    }
  }
  return x;
}
#endif

template <Depth depth, class Pixel>
void predict(SimdLevel level, const Pixel* above, const Pixel* row, std::size_t width,
             Pixel* residuals, std::uint64_t* same) {
  std::memset(same, 0, mask_words(width) * sizeof *same);
  const Pixel guess = above == nullptr ? Pixel{0} : above[0];
  residuals[0] = static_cast<Pixel>(fold<depth>(row[0], guess));
  std::size_t x = 1;
#if defined(CASSIA_HAVE_X86_SIMD)
  if (level == SimdLevel::avx2) {
    x = predict_avx2<depth>(above, row, width, residuals, same);
  } else if (level == SimdLevel::sse41) {
    x = predict_sse41<depth>(above, row, width, residuals, same);
  }
#endif
  (void)level;
  predict_portable<depth>(above, row, x, width, residuals, same);
}

}  // namespace

void predict_row(SimdLevel level, Depth depth, const std::uint32_t* above, const std::uint32_t* row,
                 std::size_t width, std::uint32_t* residuals, std::uint64_t* same) {
  if (depth == Depth::bits5) {
    predict<Depth::bits5>(level, above, row, width, residuals, same);
  } else {
    predict<Depth::bits8>(level, above, row, width, residuals, same);
  }
}

void predict_row(SimdLevel level, const std::uint8_t* above, const std::uint8_t* row,
                 std::size_t width, std::uint8_t* residuals, std::uint64_t* same) {
  predict<Depth::bits8>(level, above, row, width, residuals, same);
}

}  // namespace cassia::codec::quic
