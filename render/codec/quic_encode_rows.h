// SPDX-License-Identifier: Apache-2.0
#pragma once

// The inner loop of QUIC encoding: one plane of a row whose residuals are known, for each kind of
// pixel (see quic_predict.h) and each SimdLevel. Internal to render/codec.

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

#include "render/codec/cpu.h"
#include "render/codec/quic_bits.h"
#include "render/codec/quic_model.h"
#include "render/codec/quic_predict.h"

namespace cassia::codec::quic {

/// The encoder of a plane between rows.
template <class Pixel>
struct EncodePlane {
  static constexpr unsigned lanes = sizeof(Pixel) == 1 ? 1 : 3;

  EncodePlane(const Family& f, SimdLevel simd, std::size_t width)
      : family(f),
        level(simd),
        coded(width + 1),
        residuals(width),
        same(mask_words(width)),
        same_above(mask_words(width)) {
    for (Channel& channel : channels) channel.reset(f, f.codes[0], sizeof f.codes[0]);
  }
  [[gnu::noinline]] void update(Pixel before, Pixel now) {
    update_model(level, family, channels, lanes, before, now, state.trigger());
  }

  const Family& family;
  SimdLevel level;
  Channel channels[lanes];
  State state;
  std::vector<Pixel> coded;      ///< [x + 1]: the last residual that was coded in column x
  std::vector<Pixel> residuals;  ///< of this row
  std::vector<std::uint64_t> same, same_above;  ///< of this row and the one above
};

/// The codes of short runs, by State::run_state: bits << 8 | length, and the state afterwards.
struct RunCodes {
  static constexpr unsigned count = 64;
  constexpr RunCodes() {
    for (unsigned state = 0; state < 32; ++state) {
      for (unsigned run = 0; run < count; ++run) {
        unsigned rest = run, at = state, units = 0;
        for (; rest >= 1u << run_unit_bits[at]; ++units) {
          rest -= 1u << run_unit_bits[at];
          at += at < 31;
        }
        const unsigned tail = run_unit_bits[at] + 1u;
        codes[state][run] = (((1u << units) - 1) << tail | rest) << 8 | (units + tail);
        next[state][run] = static_cast<std::uint8_t>(at - (at > 0));
      }
    }
  }
  std::uint32_t codes[32][count] = {};
  std::uint8_t next[32][count] = {};
};
inline constexpr RunCodes run_codes;

/// For runs beyond RunCodes::count.
void put_long_run(BitWriter& writer, State& state, std::size_t run);

/// The first x from `x` on, before `to`, at which a run can begin: above equals above-left, left
/// equals the pixel before it, and x > 2. Else `to`.
inline std::size_t next_run(const std::uint64_t* same, const std::uint64_t* same_above,
                            std::size_t x, std::size_t to) {
  const std::size_t first = x <= 2 ? 2 : x - 1;  // bits are those of x - 1
  std::uint64_t mask = ~std::uint64_t{0} << (first % 64);
  for (std::size_t i = first / 64; i <= (to - 1) / 64; ++i) {
    const std::uint64_t before = i == 0 ? 0 : same[i - 1] >> 63;
    const std::uint64_t found = (same[i] << 1 | before) & same_above[i] & mask;
    if (found != 0) {
      return std::min(to, i * 64 + static_cast<std::size_t>(std::countr_zero(found)) + 1);
    }
    mask = ~std::uint64_t{0};
  }
  return to;
}

/// How many pixels from `x` on, before `to`, equal the one at x - 1.
inline std::size_t run_length(const std::uint64_t* same, std::size_t x, std::size_t to) {
  std::size_t i = (x - 1) / 64;
  std::uint64_t differing = ~same[i] >> ((x - 1) % 64) << ((x - 1) % 64);
  while (differing == 0) differing = ~same[++i];
  const std::size_t end = i * 64 + static_cast<std::size_t>(std::countr_zero(differing)) + 1;
  return std::min(end, to) - x;
}

/// An element of Family::codes.
[[gnu::always_inline]] inline unsigned code_of(const Channel& channel, unsigned before,
                                               unsigned residual) {
  std::uint16_t code;
  std::memcpy(&code, channel.entries[before] + 2 * residual, 2);
  return code;
}

/// Pixels `x` to `to` of a row; `runs` is false in the first one.
template <class Pixel>
[[gnu::always_inline]] inline void encode_span(EncodePlane<Pixel>& plane, BitWriter& shared,
                                               bool runs, std::size_t x, std::size_t to) {
  BitWriter writer = shared;
  State state = plane.state;
  const Channel* channels = plane.channels;
  const Pixel* residuals = plane.residuals.data();
  Pixel* coded = plane.coded.data();
  const std::uint64_t* same = plane.same.data();
  const std::uint64_t* same_above = plane.same_above.data();
  std::size_t stop = x + state.wait;  // the model is updated after this pixel
  Pixel before = coded[x];
  std::size_t run_at = runs ? next_run(same, same_above, x, to) : to;
  while (x < to) {
    if (x == run_at) {
      const std::size_t run = run_length(same, x, to);
      if (run < RunCodes::count) [[likely]] {
        const std::uint32_t entry = run_codes.codes[state.run_state][run];
        state.run_state = run_codes.next[state.run_state][run];
        writer.put(entry >> 8, entry & 255);
      } else {
        BitWriter writer_in_memory = writer;  // the others stay in registers
        State state_in_memory = state;
        put_long_run(writer_in_memory, state_in_memory, run);
        writer = writer_in_memory;
        state = state_in_memory;
      }
      x += run;
      stop += run;
      if (x == to) {
        writer.flush();
        break;
      }
      // If another run could begin here, it is written, though it is empty.
      const bool again = run != 0 && (same_above[(x - 1) / 64] >> ((x - 1) % 64) & 1) != 0;
      writer.put(0, again ? 1 + state.run_bits() : 0);
      state.run_state -= again && state.run_state != 0;
      writer.flush();
      before = coded[x];
      run_at = next_run(same, same_above, x + 1, to);
    }
    const Pixel residual = residuals[x];
    if constexpr (EncodePlane<Pixel>::lanes == 3) {
      const unsigned r = code_of(channels[2], before >> 16 & 255, residual >> 16 & 255);
      const unsigned g = code_of(channels[1], before >> 8 & 255, residual >> 8 & 255);
      const unsigned b = code_of(channels[0], before & 255, residual & 255);
      writer.put(r >> 8, r & 63);
      writer.put(g >> 8, g & 63);
      if (((r + g + b) & 255) > 57) [[unlikely]]
        writer.flush();
      writer.put(b >> 8, b & 63);
    } else {
      const unsigned entry = code_of(channels[0], before, residual);
      writer.put(entry >> 8, entry & 63);
    }
    writer.flush();
    coded[x + 1] = residual;
    if (x == stop) [[unlikely]] {
      plane.update(before, residual);
      stop = x + 1 + state.next_wait();
    }
    before = residual;
    ++x;
  }
  state.wait = static_cast<unsigned>(stop - to);
  plane.state = state;
  shared = writer;
}

template <class Pixel>
using SpanEncoder = void (*)(EncodePlane<Pixel>&, BitWriter&, bool, std::size_t, std::size_t);

template <class Pixel>
void encode_span_portable(EncodePlane<Pixel>& plane, BitWriter& writer, bool runs, std::size_t x,
                          std::size_t to) {
  encode_span(plane, writer, runs, x, to);
}

#if defined(CASSIA_HAVE_X86_SIMD)
template <class Pixel>
CASSIA_TARGET_AVX2 void encode_span_avx2(EncodePlane<Pixel>& plane, BitWriter& writer, bool runs,
                                         std::size_t x, std::size_t to) {
  encode_span(plane, writer, runs, x, to);
}
#endif

/// SSE4.1 adds nothing to this loop; prediction and model are asked for their own levels.
template <class Pixel>
SpanEncoder<Pixel> span_encoder(SimdLevel level) {
#if defined(CASSIA_HAVE_X86_SIMD)
  if (level == SimdLevel::avx2) return encode_span_avx2<Pixel>;
#endif
  (void)level;
  return encode_span_portable<Pixel>;
}

}  // namespace cassia::codec::quic
