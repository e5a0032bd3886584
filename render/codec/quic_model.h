// SPDX-License-Identifier: Apache-2.0
#pragma once

// The adaptive model of QUIC (the coder descends from SFALIC): residuals are coded with one of
// eight Golomb-Rice codes, chosen by what followed residuals of similar size so far. Decoder and
// encoder keep the same model. Every number here is part of the format. Internal to render/codec.

#include <array>
#include <cstddef>
#include <cstdint>

namespace cassia::codec::quic {

inline constexpr std::uint32_t magic = 0x43495551;  // "QUIC"
inline constexpr std::uint32_t version = 0;
inline constexpr std::size_t header_bytes = 20;

enum class Type : std::uint32_t { invalid, gray, rgb16, rgb24, rgb32, rgba };

inline constexpr unsigned lookup_bits = 10;
inline constexpr unsigned max_code_bits = 26;
inline constexpr unsigned bucket_count = 8;

/// The codes for residuals of `bits` (5 or 8) bits. Code `l` is Rice's with parameter l as long as
/// its unary part is short; longer ones are an escape of fixed length.
struct Family {
  explicit Family(unsigned bits);

  unsigned bits;
  std::uint8_t prefix_limit[8];  ///< zeros that announce an escape
  std::uint8_t escape_bits[8];   ///< length of a whole escape
  std::uint16_t rice_values[8];  ///< residuals below have a Rice code
  std::uint8_t bucket_of[256];   ///< which statistics a preceding residual belongs to
  std::uint16_t bucket_start[bucket_count + 1];  ///< the residuals of bucket b: [b] to [b + 1]
  /// Length of residual v in code l at [v][l]; the code itself at codes[v][l].
  std::uint8_t lengths[256][8];
  std::uint32_t codes[256][8];
  /// By the next lookup_bits bits: residual << 8 | length, or 0 if the code is longer.
  std::uint16_t lookup[8][1u << lookup_bits];
};

/// Made once, on first use.
const Family& family_5bit();
const Family& family_8bit();

/// Statistics of one colour component.
struct Channel {
  struct Bucket {
    std::uint32_t counters[8];
    unsigned best;  ///< the code that would have been shortest so far
  };
  std::array<Bucket, bucket_count> buckets;
  std::uint8_t code_of[256];  ///< best code of each preceding residual's bucket

  void reset(const Family& family);
  unsigned code_after(std::uint8_t previous) const { return code_of[previous]; }
  void update(const Family& family, std::uint8_t previous, std::uint8_t residual, unsigned trigger);
};

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
  unsigned next_wait() { return next_random() & wait_mask(); }
  std::uint32_t next_random();
  bool at_last_level() const { return level >= 6; }
  void next_level() { ++level, pixels_left = 2048; }

  unsigned run_bits() const;  ///< runs are counted in units of 2^run_bits
  void longer_runs() { run_state += run_state < 31; }
  void shorter_runs() { run_state -= run_state > 0; }
};

/// Residuals are folded so that small ones of either sign get small codes: 0, -1, 1, -2, ...
/// These work on four 8-bit lanes at once; `mask` is 0x1f or 0xff in each lane in use.
inline std::uint32_t unfold(std::uint32_t folded, std::uint32_t mask) {
  const std::uint32_t odd = folded & 0x01010101u;
  return (((folded >> 1) & 0x7f7f7f7fu) ^ (odd * 255u)) & mask;
}
inline std::uint32_t add_lanes(std::uint32_t a, std::uint32_t b, std::uint32_t mask) {
  return (((a & 0x7f7f7f7fu) + (b & 0x7f7f7f7fu)) ^ ((a ^ b) & 0x80808080u)) & mask;
}
inline std::uint32_t average_lanes(std::uint32_t a, std::uint32_t b) {
  return (a & b) + (((a ^ b) >> 1) & 0x7f7f7f7fu);
}

}  // namespace cassia::codec::quic
