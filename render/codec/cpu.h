// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which vector instructions this processor has, for codecs that hold one inner loop per level.
// A codec takes a SimdLevel as a parameter and gives the same bytes at every level; its public
// entry uses best_simd(). Tests run each of usable_simd() and compare. Internal to render/codec.
//
// How a loop for a level is written: the body as an always-inline template, and one function per
// level that calls it and carries the attribute below (not a compiler flag for the file, which
// would let the linker pick the AVX2 form of an inline function for the whole program).
//
//   CASSIA_TARGET_AVX2 void row_avx2(...) { row<SimdLevel::avx2>(...); }

#include <cstdint>
#include <span>

namespace cassia::codec {

/// Each level includes the ones before it.
enum class SimdLevel : std::uint8_t {
  portable,  ///< what every processor of the build's baseline has
  sse41,     ///< SSE2 to SSE4.1
  avx2,      ///< AVX2 with BMI1, BMI2, LZCNT and MOVBE (x86-64-v3)
};

/// The highest level of this processor, found out on the first call.
SimdLevel best_simd();
/// All levels from portable to best_simd().
std::span<const SimdLevel> usable_simd();
/// "portable", "sse41", "avx2".
const char* name_of(SimdLevel level);

}  // namespace cassia::codec

#if defined(__x86_64__)
#define CASSIA_HAVE_X86_SIMD 1
#define CASSIA_TARGET_SSE41 [[gnu::target("sse4.1")]]
#define CASSIA_TARGET_AVX2 [[gnu::target("avx2,bmi,bmi2,lzcnt,movbe")]]
#endif
