// SPDX-License-Identifier: Apache-2.0
#include "render/codec/cpu.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace cassia::codec {
namespace {

TEST(Cpu, LevelsGoFromPortableToTheBest) {
  const auto levels = usable_simd();
  ASSERT_FALSE(levels.empty());
  EXPECT_EQ(levels.front(), SimdLevel::portable);
  EXPECT_EQ(levels.back(), best_simd());
  for (std::size_t i = 1; i < levels.size(); ++i) EXPECT_LT(levels[i - 1], levels[i]);
  for (SimdLevel level : levels) EXPECT_STRNE(name_of(level), "unknown");
}

/// The kernel's own list of what the processor has, as a set of words.
bool kernel_lists(const std::string& flag) {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("flags", 0) != 0) continue;
    std::istringstream words(line);
    for (std::string word; words >> word;) {
      if (word == flag) return true;
    }
    return false;
  }
  return false;
}

TEST(Cpu, AgreesWithTheKernel) {
#if !defined(CASSIA_HAVE_X86_SIMD)
  EXPECT_EQ(best_simd(), SimdLevel::portable);
#else
  bool avx2 = kernel_lists("sse4_1");
  const bool sse41 = avx2;
  for (const char* flag : {"avx2", "bmi1", "bmi2", "movbe"}) {
    avx2 = avx2 && kernel_lists(flag);
  }
  EXPECT_EQ(best_simd(), avx2 ? SimdLevel::avx2 : sse41 ? SimdLevel::sse41 : SimdLevel::portable);
#endif
}

}  // namespace
}  // namespace cassia::codec
