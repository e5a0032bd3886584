// SPDX-License-Identifier: Apache-2.0
#pragma once

// The adaptive model of QUIC (the coder descends from SFALIC): residuals are coded with one of
// eight Golomb-Rice codes, chosen by what followed residuals of similar size so far. Decoder and
// encoder keep the same model. Every number here is part of the format. Internal to render/codec.

#include <cstddef>
#include <cstdint>

#include "render/codec/cpu.h"

namespace cassia::codec::quic {

inline constexpr std::uint32_t magic = 0x43495551;  // "QUIC"
inline constexpr std::uint32_t version = 0;
inline constexpr std::size_t header_bytes = 20;

enum class Type : std::uint32_t { invalid, gray, rgb16, rgb24, rgb32, rgba };

inline constexpr unsigned code_count = 8;
inline constexpr unsigned bucket_count = 8;
inline constexpr unsigned max_code_bits = 26;
/// Codes of at most so many bits are decoded by one look-up.
inline constexpr unsigned lookup_bits = 10;
/// In Lookup::lengths: the code is longer. The bits that hold a length are 0.
inline constexpr unsigned long_code = 0x80;

/// By a code's parameter and the next lookup_bits bits. Bytes, each in a table of its own: the
/// length is what the next look-up waits for, and an index without a scale is a cycle faster.
struct Lookup {
  std::uint8_t lengths[code_count][1u << lookup_bits];
  std::uint8_t residuals[code_count][1u << lookup_bits];
};

/// The codes for residuals of `bits` (5 or 8) bits. Code `l` is Rice's with parameter l as long as
/// its unary part is short; longer ones are an escape of fixed length.
struct Family {
  explicit Family(unsigned bits);

  /// residual << 8 | length of the code of parameter `l` that `top` begins with.
  unsigned find(unsigned l, std::uint64_t top) const {
    const std::size_t i = top >> (64 - lookup_bits);
    const unsigned length = lookup.lengths[l][i];
    if ((length & long_code) != 0) return find_long(l, top);
    return static_cast<unsigned>(lookup.residuals[l][i]) << 8 | length;
  }
  unsigned find_long(unsigned l, std::uint64_t top) const;

  unsigned bits;
  std::uint8_t prefix_limit[code_count];  ///< zeros that announce an escape
  std::uint8_t escape_bits[code_count];   ///< length of a whole escape
  std::uint16_t rice_values[code_count];  ///< residuals below have a Rice code
  std::uint8_t bucket_of[256];            ///< which statistics a preceding residual belongs to
  std::uint16_t bucket_start[bucket_count + 1];  ///< the residuals of bucket b: [b] to [b + 1]
  /// All ones where a Channel has a counter but the family has no code.
  alignas(16) std::uint16_t unused[code_count];
  /// Length of residual v in code l at [v][7 - l].
  alignas(16) std::uint16_t lengths[256][code_count];
  /// The code of residual v at [l][v]: its bits << 8 | its length. (No code has a one before its
  /// last eight bits.)
  std::uint16_t codes[code_count][256];
  Lookup lookup;
};

/// Made once, on first use.
const Family& family_5bit();
const Family& family_8bit();

/// Statistics of one colour component: per bucket of preceding residuals the bits that each code
/// would have taken so far (halved now and then), in the order of Family::lengths: the lowest of
/// equals is then the code that wins. 16 bits suffice: the lowest counter is at most 900 before it
/// is halved and grows by 1 to 26 a time, as all do.
struct Channel {
  alignas(16) std::uint16_t counters[bucket_count][code_count];
  std::uint8_t best[bucket_count];  ///< the code that would have been shortest so far
  /// By preceding residual: the part of the user's table for the best code of its bucket.
  const std::uint8_t* entries[256];
  const std::uint8_t* table;
  std::size_t stride;

  /// `user_table` has `bytes_per_code` bytes for each code.
  void reset(const Family& family, const void* user_table, std::size_t bytes_per_code);
};

/// Counts that `now` followed `before`, for `lanes` channels: lane i is bits 8i to 8i + 7. A sum of
/// code lengths above `trigger` halves the bucket's statistics.
void update_model(SimdLevel level, const Family& family, Channel* channels, unsigned lanes,
                  std::uint32_t before, std::uint32_t now, unsigned trigger);

/// How the unit of run lengths grows with State::run_state.
inline constexpr std::uint8_t run_unit_bits[32] = {0, 0, 0, 0, 1,  1,  1,  1,  2,  2, 2,
                                                   2, 3, 3, 3, 3,  4,  4,  5,  5,  6, 6,
                                                   7, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/// The format's source of pseudo-random waits, at `index` modulo 256.
std::uint32_t random_bits(unsigned index);

/// When to update the model, and how long runs are: shared by the components that are coded
/// together.
struct State {
  unsigned wait = 0;  ///< pixels until the next update
  unsigned random_index = 255;
  unsigned level = 0;           ///< updates come every 2^level pixels on average
  unsigned pixels_left = 2048;  ///< until the next level
  unsigned run_state = 0;

  unsigned trigger() const;  ///< a code length sum above this halves the statistics
  unsigned wait_mask() const { return (1u << level) - 1; }
  unsigned next_wait() { return random_bits(++random_index) & wait_mask(); }
  bool at_last_level() const { return level >= 6; }
  void next_level() { ++level, pixels_left = 2048; }

  unsigned run_bits() const { return run_unit_bits[run_state]; }
  void longer_runs() { run_state += run_state < 31; }
  void shorter_runs() { run_state -= run_state > 0; }
};

}  // namespace cassia::codec::quic
