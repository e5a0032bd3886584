// SPDX-License-Identifier: Apache-2.0
#include "render/codec/cpu.h"

#if defined(CASSIA_HAVE_X86_SIMD)
#include <cpuid.h>
#endif

namespace cassia::codec {
namespace {

constexpr SimdLevel all_levels[] = {SimdLevel::portable, SimdLevel::sse41, SimdLevel::avx2};

#if defined(CASSIA_HAVE_X86_SIMD)
/// LZCNT and MOVBE, which not every compiler's __builtin_cpu_supports() knows (the bits are those
/// of AMD's and Intel's manuals).
bool has_lzcnt_and_movbe() {
  unsigned eax, ebx, ecx, edx;
  if (__get_cpuid(0x80000001, &eax, &ebx, &ecx, &edx) == 0 || (ecx & 1u << 5) == 0) return false;
  return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & 1u << 22) != 0;
}

SimdLevel detect() {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("sse4.1")) return SimdLevel::portable;
  // "avx2" also asks whether the system saves the wide registers.
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                    __builtin_cpu_supports("bmi2") && has_lzcnt_and_movbe();
  return avx2 ? SimdLevel::avx2 : SimdLevel::sse41;
}
#else
SimdLevel detect() { return SimdLevel::portable; }
#endif

}  // namespace

SimdLevel best_simd() {
  static const SimdLevel level = detect();
  return level;
}

std::span<const SimdLevel> usable_simd() {
  return std::span(all_levels).first(static_cast<std::size_t>(best_simd()) + 1);
}

const char* name_of(SimdLevel level) {
  switch (level) {
    case SimdLevel::portable:
      return "portable";
    case SimdLevel::sse41:
      return "sse41";
    case SimdLevel::avx2:
      return "avx2";
  }
  return "unknown";
}

}  // namespace cassia::codec
