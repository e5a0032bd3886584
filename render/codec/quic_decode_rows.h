// SPDX-License-Identifier: Apache-2.0
#pragma once

// The inner loop of QUIC decoding: one plane of a row, for each layout of pixels and each
// SimdLevel. A plane is the colours of a picture (three components, coded together), or its gray or
// alpha. Internal to render/codec.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "render/codec/cpu.h"
#include "render/codec/pixels.h"
#include "render/codec/quic_bits.h"
#include "render/codec/quic_model.h"

namespace cassia::codec::quic {

// A layout says how a pixel lies in memory and how it is worked on: `Value` holds a component in
// each byte, the lowest first. Residuals are folded so that small ones of either sign get small
// codes: 0, -1, 1, -2, ... become 0, 1, 2, 3, ...

inline std::uint32_t add_bytes(std::uint32_t a, std::uint32_t b) {
  return ((a & 0x7f7f7f7fu) + (b & 0x7f7f7f7fu)) ^ ((a ^ b) & 0x80808080u);
}

/// Eight bits a component; the highest byte is 0 in memory and in values, which every step of the
/// arithmetic keeps.
struct Rgb32 {
  using Memory = std::uint32_t;
  using Value = std::uint32_t;
  static constexpr unsigned lanes = 3;
  static constexpr Value nothing = 0;
  static Value load(const Memory* p) { return *p; }
  static void store(Memory* p, Value value) { *p = value; }
  static Value mean(Value a, Value b) { return (a & b) + (((a ^ b) >> 1) & 0x7f7f7f7fu); }
  static Value add(Value folded, Value guess) {
    const std::uint32_t odd = folded & 0x00010101u;
    return add_bytes(((folded >> 1) & 0x007f7f7fu) ^ (odd * 255u), guess);
  }
};

/// The same with a highest byte that is not ours: 0 where it is to be filled in, anything in the
/// row above.
struct RgbUnderAlpha : Rgb32 {
  static constexpr Value nothing = 0;
  static Value load(const Memory* p) { return *p & ~opaque; }
};

/// Five bits a component, eight in memory.
struct Rgb15 {
  using Memory = std::uint32_t;
  using Value = std::uint32_t;
  static constexpr unsigned lanes = 3;
  static constexpr Value nothing = 0;
  static Value load(const Memory* p) { return (*p >> 3) & 0x001f1f1fu; }
  static void store(Memory* p, Value value) { *p = value << 3 | ((value >> 2) & 0x00070707u); }
  static Value mean(Value a, Value b) { return ((a + b) >> 1) & 0x001f1f1fu; }
  static Value add(Value folded, Value guess) {
    const std::uint32_t odd = folded & 0x00010101u;
    return ((((folded >> 1) & 0x000f0f0fu) ^ (odd * 31u)) + guess) & 0x001f1f1fu;
  }
};

/// One component on its own.
struct Gray8 {
  using Memory = std::uint8_t;
  using Value = std::uint8_t;
  static constexpr unsigned lanes = 1;
  static constexpr Value nothing = 0;
  static Value load(const Memory* p) { return *p; }
  static void store(Memory* p, Value value) { *p = value; }
  static Value mean(Value a, Value b) { return static_cast<Value>((a + b) >> 1); }
  static Value add(Value folded, Value guess) {
    return static_cast<Value>(((folded >> 1) ^ -(folded & 1)) + guess);
  }
};

/// What a coded pixel may take with the empty run before it, or a pixel of a run: the longest code
/// for each component and for the run.
constexpr std::size_t max_bytes(unsigned lanes) { return (lanes * max_code_bits + 16 + 7) / 8; }

/// The decoder of a plane between rows.
template <class Layout>
struct DecodePlane {
  using Memory = typename Layout::Memory;
  using Value = typename Layout::Value;

  DecodePlane(const Family& f, SimdLevel simd, std::size_t width)
      : family(f), level(simd), residuals(width + 1) {
    for (Channel& channel : channels) channel.reset(f, &f.lookup, sizeof f.lookup.lengths[0]);
  }
  [[gnu::noinline]] void update(Value before, Value now) {
    update_model(level, family, channels, Layout::lanes, before, now, state.trigger());
  }
  /// The code of one pixel that follows `before`, whatever its length.
  [[gnu::noinline, gnu::cold]] Value read_slowly(BitReader& reader, Value before) const {
    unsigned residual = 0;
    for (unsigned lane = Layout::lanes; lane-- > 0;) {
      reader.refill();
      const unsigned code = channels[lane].best[family.bucket_of[before >> 8 * lane & 255]];
      const unsigned entry = family.find(code, reader.bits);
      reader.skip(entry & 63);
      residual |= entry >> 8 << 8 * lane;
    }
    return static_cast<Value>(residual);
  }
  /// Pixel x of a row in which no run can begin there.
  void decode_one(BitReader& reader, Memory* row, std::size_t x, Value guess) {
    const Value before = residuals[x];
    const Value residual = read_slowly(reader, before);
    residuals[x + 1] = residual;
    Layout::store(row + x, Layout::add(residual, guess));
    if (state.wait-- != 0) return;
    state.wait = state.next_wait();
    update(before, residual);
  }

  const Family& family;
  SimdLevel level;
  Channel channels[Layout::lanes];
  State state;
  std::vector<Value> residuals;  ///< folded; [x + 1] of pixel x; [0] stands before the row
};

/// Where a run of units of growing length ends: the sum of the first n units, if State::run_state
/// began with 0. Beyond state 31 the units stay the same.
struct RunSums {
  static constexpr unsigned max_units = 24;
  constexpr RunSums() {
    for (unsigned i = 1; i < std::size(sums); ++i) {
      sums[i] = sums[i - 1] + (1u << run_unit_bits[i > 32 ? 31 : i - 1]);
    }
  }
  std::uint32_t sums[32 + max_units] = {};
};
inline constexpr RunSums run_sums;

/// A run length, or more than `limit` for anything beyond `limit`. For runs of many units.
std::size_t read_long_run(BitReader& reader, State& state, std::size_t limit);

/// Copies `value` to `count` pixels and maybe to as many more as slack_bytes hold.
template <class Memory>
[[gnu::always_inline]] inline void fill_run(Memory* to, Memory value, std::size_t count) {
  constexpr std::uint64_t times = sizeof(Memory) == 1 ? 0x0101010101010101u : 0x100000001u;
  constexpr std::size_t block = 32 / sizeof(Memory);
  const std::uint64_t word = value * times;
  const std::uint64_t words[4] = {word, word, word, word};
  for (std::size_t done = 0;;) {
    std::memcpy(to + done, words, sizeof words);
    done += block;
    if (done >= count) [[likely]]
      break;
  }
}

/// Pixels `x` to `to` (x > 2) of a row that is not the first. False if the stream is broken.
///
/// What bounds the speed is the chain from one code's length to where the next one begins. So the
/// reader is three variables that never go through memory, and its refill is or-ed in beside a
/// look-up instead of before it: 20 bits are always there for the first two components.
template <class Layout>
[[gnu::always_inline]] inline bool decode_span(DecodePlane<Layout>& plane, BitReader& shared,
                                               const typename Layout::Memory* above,
                                               typename Layout::Memory* row, std::size_t x,
                                               std::size_t to) {
  using Value = typename Layout::Value;
  const std::uint8_t* p = shared.p;
  std::uint64_t bits = shared.bits;
  unsigned available = shared.available;
  unsigned run_state = plane.state.run_state;
  unsigned random_index = plane.state.random_index;
  const unsigned wait_mask = plane.state.wait_mask();
  const auto refill = [&]() __attribute__((always_inline)) {
    bits |= load_be64(p) >> available;
    p += (63 - available) >> 3;
    available |= 56;
  };
  const auto finish = [&](std::size_t stop) __attribute__((always_inline)) {
    plane.state.wait = static_cast<unsigned>(stop - to);
    plane.state.run_state = run_state;
    plane.state.random_index = random_index;
    shared = BitReader{p, bits, available};
    return true;
  };
  constexpr std::size_t residuals_after = offsetof(Lookup, residuals);
  const Channel* channels = plane.channels;
  Value* residuals = plane.residuals.data();
  std::size_t stop = x + plane.state.wait;  // the model is updated after this pixel
  std::size_t pause = std::min(stop, to - 1);
  Value left = Layout::load(row + x - 1);
  // Where the codes of the next pixel are looked up; the last is for gray, too.
  const std::uint8_t* entries_r = nullptr;
  const std::uint8_t* entries_g = nullptr;
  const std::uint8_t* entries_b = nullptr;
  const auto follow = [&](Value before) __attribute__((always_inline)) {
    if constexpr (Layout::lanes == 3) {
      entries_r = channels[2].entries[before >> 16 & 255];
      entries_g = channels[1].entries[before >> 8 & 255];
    }
    entries_b = channels[0].entries[before & 255];
  };
  follow(residuals[x]);
  refill();
  for (;;) {
    Value up = Layout::load(above + x);
    if (((up ^ Layout::load(above + x - 1)) | (left ^ Layout::load(row + x - 2))) == 0) {
      for (;;) {
        refill();
        const auto units = static_cast<unsigned>(std::countl_one(bits));
        std::size_t run;
        if (units > RunSums::max_units) [[unlikely]] {
          BitReader reader{p, bits, available};
          State state;
          state.run_state = run_state;
          run = read_long_run(reader, state, to - x);
          p = reader.p, bits = reader.bits, available = reader.available;
          run_state = state.run_state;
          if (run > to - x) return false;
          refill();
        } else {
          const unsigned end = run_state + units;
          run = run_sums.sums[end] - run_sums.sums[run_state];
          run_state = end < 31 ? end : 31;
          const unsigned tail = run_unit_bits[run_state];
          bits <<= units + 1;
          run += bits >> 1 >> (63 - tail);
          bits <<= tail;
          available -= units + 1 + tail;
          run_state -= run_state != 0;
        }
        if (run > to - x) return false;
        fill_run(row + x, row[x - 1], run);
        x += run;
        stop += run;
        if (x == to) return finish(stop);
        // A run is followed by another if it can be: by an empty one, as the encoder made it as
        // long as possible. That one is read here without asking whether it is there.
        up = Layout::load(above + x);
        const bool again = (run != 0) & (up == Layout::load(above + x - 1));
        const unsigned empty = again ? 1u + run_unit_bits[run_state] : 0;
        if (again && bits >> (64 - empty) != 0) [[unlikely]]
          continue;
        bits <<= empty;
        available -= empty;
        run_state -= again && run_state != 0;
        break;
      }
      pause = std::min(stop, to - 1);
      follow(residuals[x]);
      refill();
    }
    Value residual;
    if constexpr (Layout::lanes == 3) {
      const std::size_t at_r = bits >> (64 - lookup_bits);
      const unsigned length_r = entries_r[at_r];
      const std::uint64_t bits_g = (bits | load_be64(p) >> available) << (length_r & 63);
      const std::size_t at_g = bits_g >> (64 - lookup_bits);
      const unsigned length_g = entries_g[at_g];
      const std::uint64_t bits_b = bits_g << (length_g & 63);
      const std::size_t at_b = bits_b >> (64 - lookup_bits);
      const unsigned length_b = entries_b[at_b];
      if (((length_r | length_g | length_b) & long_code) != 0) [[unlikely]] {
        BitReader reader{p, bits, available};
        residual = plane.read_slowly(reader, residuals[x]);
        p = reader.p, bits = reader.bits, available = reader.available;
        refill();
        follow(residual);
      } else {
        const unsigned r = entries_r[at_r + residuals_after];
        const unsigned g = entries_g[at_g + residuals_after];
        const unsigned b = entries_b[at_b + residuals_after];
        bits = bits_b << (length_b & 63);
        p += (63 - available) >> 3;
        available = (available | 56) - (length_r + length_g + length_b);
        entries_r = channels[2].entries[r];
        entries_g = channels[1].entries[g];
        entries_b = channels[0].entries[b];
        residual = r << 16 | g << 8 | b;
      }
    } else {
      refill();
      const std::size_t at = bits >> (64 - lookup_bits);
      const unsigned length = entries_b[at];
      if ((length & long_code) != 0) [[unlikely]] {
        BitReader reader{p, bits, available};
        residual = plane.read_slowly(reader, residuals[x]);
        p = reader.p, bits = reader.bits, available = reader.available;
      } else {
        residual = entries_b[at + residuals_after];
        bits <<= length & 63;
        available -= length;
      }
      entries_b = channels[0].entries[residual];
    }
    residuals[x + 1] = residual;
    left = Layout::add(residual, Layout::mean(left, up));
    Layout::store(row + x, left);
    if (x == pause) [[unlikely]] {
      if (x == stop) {
        plane.update(residuals[x], residual);
        stop = x + 1 + (random_bits(++random_index) & wait_mask);
        follow(residual);
      }
      if (++x == to) return finish(stop);
      pause = std::min(stop, to - 1);
      continue;
    }
    ++x;
  }
}

template <class Layout>
using SpanDecoder = bool (*)(DecodePlane<Layout>&, BitReader&, const typename Layout::Memory*,
                             typename Layout::Memory*, std::size_t, std::size_t);

template <class Layout>
bool decode_span_portable(DecodePlane<Layout>& plane, BitReader& reader,
                          const typename Layout::Memory* above, typename Layout::Memory* row,
                          std::size_t x, std::size_t to) {
  return decode_span<Layout>(plane, reader, above, row, x, to);
}

#if defined(CASSIA_HAVE_X86_SIMD)
template <class Layout>
CASSIA_TARGET_AVX2 bool decode_span_avx2(DecodePlane<Layout>& plane, BitReader& reader,
                                         const typename Layout::Memory* above,
                                         typename Layout::Memory* row, std::size_t x,
                                         std::size_t to) {
  return decode_span<Layout>(plane, reader, above, row, x, to);
}
#endif

/// SSE4.1 adds nothing to this loop; the model, which it speeds up, is asked for its own level.
template <class Layout>
SpanDecoder<Layout> span_decoder(SimdLevel level) {
#if defined(CASSIA_HAVE_X86_SIMD)
  if (level == SimdLevel::avx2) return decode_span_avx2<Layout>;
#endif
  (void)level;
  return decode_span_portable<Layout>;
}

}  // namespace cassia::codec::quic
