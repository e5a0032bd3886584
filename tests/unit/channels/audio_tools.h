// SPDX-License-Identifier: Apache-2.0
#pragma once

// Sounds for tests, and how alike two of them are.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace cassia::test {

/// A sweep of two channels, the right one an octave higher, at 48 kHz.
inline std::vector<std::int16_t> sweep(std::size_t frames) {
  std::vector<std::int16_t> out;
  out.reserve(2 * frames);
  double left = 0, right = 0;
  for (std::size_t i = 0; i < frames; ++i) {
    const double hz = 300 + 1200 * static_cast<double>(i) / static_cast<double>(frames);
    left += 2 * M_PI * hz / 48000;
    right += 4 * M_PI * hz / 48000;
    out.push_back(static_cast<std::int16_t>(9000 * std::sin(left)));
    out.push_back(static_cast<std::int16_t>(7000 * std::sin(right)));
  }
  return out;
}

/// Correlation of `a` with `b` put `shift` samples later, over what both have.
inline double correlation(std::span<const std::int16_t> a, std::span<const std::int16_t> b,
                          std::size_t shift) {
  if (shift >= b.size()) return 0;
  const std::size_t n = std::min(a.size(), b.size() - shift);
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double x = a[i], y = b[i + shift];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa == 0 || bb == 0 ? 0 : ab / std::sqrt(aa * bb);
}

struct Alignment {
  double correlation = 0;
  std::size_t shift = 0;  ///< samples (not frames) by which `b` is later
};

/// The best correlation over shifts of whole stereo frames up to `most` samples.
inline Alignment align(std::span<const std::int16_t> a, std::span<const std::int16_t> b,
                       std::size_t most) {
  Alignment best;
  for (std::size_t shift = 0; shift <= most && shift < b.size(); shift += 2) {
    const double c = correlation(a, b, shift);
    if (c > best.correlation) best = {c, shift};
  }
  return best;
}

}  // namespace cassia::test
