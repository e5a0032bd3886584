// SPDX-License-Identifier: Apache-2.0
#pragma once

// Sounds that tests send through real peers, and how much of them arrived.

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "base/result.h"

namespace cassia::test {

using Sound = std::vector<std::int16_t>;  ///< stereo, 48 kHz

/// Noise: every piece of it is unlike every other.
Sound noise(std::size_t frames);

/// How much of `heard` is `said`, bit for bit. Real servers leave out packets when they are in
/// trouble, so `heard` is followed along `said`: the share of its pieces (120 frames) that are
/// found in order, of those from the first that is found to the last.
struct Match {
  double share = 0;        ///< 1: nothing else was heard in between
  std::size_t frames = 0;  ///< that were found
  std::size_t gaps = 0;    ///< places where something of `said` is missing
};
Match exact_match(std::span<const std::int16_t> said, std::span<const std::int16_t> heard);

/// The same for sound that a codec has changed: the median, over every other 50 ms of `heard`, of
/// the best correlation with any place of `said`. Windows of silence do not count.
double likeness(std::span<const std::int16_t> said, std::span<const std::int16_t> heard);

/// A sweep that rises all the time, so that each place sounds like no other.
Sound rising(std::size_t frames);

Result<void> write_raw(const std::filesystem::path& file, std::span<const std::int16_t> sound);
Result<Sound> read_raw(const std::filesystem::path& file);
Result<void> write_wav(const std::filesystem::path& file, std::span<const std::int16_t> sound);
Result<Sound> read_wav(const std::filesystem::path& file);

}  // namespace cassia::test
