// SPDX-License-Identifier: Apache-2.0
#include "render/codec/quic_model.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(CASSIA_HAVE_X86_SIMD)
#include <immintrin.h>
#endif

namespace cassia::codec::quic {
namespace {

unsigned bits_for(unsigned values) { return values <= 1 ? 0 : std::bit_width(values - 1); }

// Sum of code lengths at which the statistics of a bucket are halved, by level.
constexpr std::uint16_t triggers[] = {110, 550, 900, 800, 550, 400, 350};

// The format's source of pseudo-random waits.
constexpr std::uint32_t random_table[256] = {
    0x02c57542, 0x35427717, 0x2f5a2153, 0x9244f155, 0x7bd26d07, 0x354c6052, 0x57329b28, 0x2993868e,
    0x6cd8808c, 0x147b46e0, 0x99db66af, 0xe32b4cac, 0x1b671264, 0x9d433486, 0x62a4c192, 0x06089a4b,
    0x9e3dce44, 0xdaabee13, 0x222425ea, 0xa46f331d, 0xcd589250, 0x8bb81d7f, 0xc8b736b9, 0x35948d33,
    0xd7ac7fd0, 0x5fbe2803, 0x2cfbc105, 0x013dbc4e, 0x7a37820f, 0x39f88e9e, 0xedd58794, 0xc5076689,
    0xfcada5a4, 0x64c2f46d, 0xb3ba3243, 0x8974b4f9, 0x5a05aebd, 0x20afcd00, 0x39e2b008, 0x88a18a45,
    0x600bde29, 0xf3971ace, 0xf37b0a6b, 0x7041495b, 0x70b707ab, 0x06beffbb, 0x4206051f, 0xe13c4ee3,
    0xc1a78327, 0x91aa067c, 0x8295f72a, 0x732917a6, 0x1d871b4d, 0x4048f136, 0xf1840e7e, 0x6a6048c1,
    0x696cb71a, 0x7ff501c3, 0x0fc6310b, 0x57e0f83d, 0x8cc26e74, 0x11a525a2, 0x946934c7, 0x7cd888f0,
    0x8f9d8604, 0x4f86e73b, 0x04520316, 0xdeeea20c, 0xf1def496, 0x67687288, 0xf540c5b2, 0x22401484,
    0x3478658a, 0xc2385746, 0x01979c2c, 0x5dad73c8, 0x0321f58b, 0xf0fedbee, 0x92826ddf, 0x284bec73,
    0x5b1a1975, 0x03df1e11, 0x20963e01, 0xa17cf12b, 0x740d776e, 0xa7a6bf3c, 0x01b5cce4, 0x1118aa76,
    0xfc6fac0a, 0xce927e9b, 0x00bf2567, 0x806f216c, 0xbca69056, 0x795bd3e9, 0xc9dc4557, 0x8929b6c2,
    0x789d52ec, 0x3f3fbf40, 0xb9197368, 0xa38c15b5, 0xc3b44fa8, 0xca8333b0, 0xb7e8d590, 0xbe807feb,
    0xbf5f8360, 0xd99e2f5c, 0x372928e1, 0x7c757c4c, 0x0db5b154, 0xc01ede02, 0x1fc86e78, 0x1f3985be,
    0xb4805c77, 0x00c880fa, 0x974c1b12, 0x35ab0214, 0xb2dc840d, 0x5b00ae37, 0xd313b026, 0xb260969d,
    0x7f4c8879, 0x1734c4d3, 0x49068631, 0xb9f6a021, 0x6b863e6f, 0xcee5debf, 0x29f8c9fb, 0x53dd6880,
    0x72b61223, 0x1f67a9fd, 0x0a0f6993, 0x13e59119, 0x11cca12e, 0xfe6b6766, 0x16b6effc, 0x97918fc4,
    0xc2b8a563, 0x94f2f741, 0x0bfa8c9a, 0xd1537ae8, 0xc1da349c, 0x873c60ca, 0x95005b85, 0x9b5c080e,
    0xbc8abbd9, 0xe1eab1d2, 0x6dac9070, 0x4ea9ebf1, 0xe0cf30d4, 0x1ef5bd7b, 0xd161043e, 0x5d2fa2e2,
    0xff5d3cae, 0x86ed9f87, 0x2aa1daa1, 0xbd731a34, 0x9e8f4b22, 0xb1c2c67a, 0xc21758c9, 0xa182215d,
    0xccb01948, 0x8d168df7, 0x04238cfe, 0x368c3dbc, 0x0aeadca5, 0xbad21c24, 0x0a71fee5, 0x9fc5d872,
    0x54c152c6, 0xfc329483, 0x6783384a, 0xeddb3e1c, 0x65f90e30, 0x884ad098, 0xce81675a, 0x4b372f7d,
    0x68bf9a39, 0x43445f1e, 0x40f8d8cb, 0x90d5acb6, 0x4cd07282, 0x349eeb06, 0x0c9d5332, 0x520b24ef,
    0x80020447, 0x67976491, 0x2f931ca3, 0xfe9b0535, 0xfcd30220, 0x61a9e6cc, 0xa487d8d7, 0x3f7c5dd1,
    0x7d0127c5, 0x48f51d15, 0x60dea871, 0xc9a91cb7, 0x58b53bb3, 0x9d5e0b2d, 0x624a78b4, 0x30dbee1b,
    0x9bdf22e7, 0x1df5c299, 0x2d5643a7, 0xf4dd35ff, 0x03ca8fd6, 0x53b47ed8, 0x6f2c19aa, 0xfeb0c1f4,
    0x49e54438, 0x2f2577e6, 0xbf876969, 0x72440ea9, 0xfa0bafb8, 0x74f5b3a0, 0x7dd357cd, 0x89ce1358,
    0x6ef2cdda, 0x1e7767f3, 0xa6be9fdb, 0x4f5f88f8, 0xba994a3a, 0x08ca6b65, 0xe0893818, 0x9e00a16a,
    0xf42bfc8f, 0x9972eedc, 0x749c8b51, 0x32c05f5e, 0xd706805f, 0x6bfbb7cf, 0xd9210a10, 0x31a1db97,
    0x923a9559, 0x37a7a1f6, 0x059f8861, 0xca493e62, 0x65157e81, 0x8f6467dd, 0xab85ff9f, 0x9331aff2,
    0x8616b9f5, 0xedbd5695, 0xee7e29b1, 0x313ac44f, 0xb903112f, 0x432ef649, 0xdc0a36c0, 0x61cf2bba,
    0x81474925, 0xa8b6c7ad, 0xee5931de, 0xb2f8158d, 0x59fb7409, 0x2e3dfaed, 0x9af25a3f, 0xe1fed4d5,
};

void fill_code(Family& family, unsigned l, unsigned values) {
  const unsigned zeros = std::min(max_code_bits - family.bits, (1u << (family.bits - l)) - 1);
  const unsigned rice = zeros << l;
  family.prefix_limit[l] = static_cast<std::uint8_t>(zeros);
  family.rice_values[l] = static_cast<std::uint16_t>(rice);
  family.escape_bits[l] = static_cast<std::uint8_t>(zeros + bits_for(values - rice));
  family.unused[code_count - 1 - l] = 0;
  for (unsigned v = 0; v < values; ++v) {
    const bool escape = v >= rice;
    const unsigned length = escape ? family.escape_bits[l] : (v >> l) + 1 + l;
    const unsigned code = escape ? v - rice : (1u << l) | (v & ((1u << l) - 1));
    family.lengths[v][code_count - 1 - l] = static_cast<std::uint16_t>(length);
    family.codes[l][v] = static_cast<std::uint16_t>(code << 8 | length);
    if (length > lookup_bits) continue;
    const unsigned spare = lookup_bits - length;
    const unsigned first = code << spare;
    std::fill_n(family.lookup.lengths[l] + first, 1u << spare, static_cast<std::uint8_t>(length));
    std::fill_n(family.lookup.residuals[l] + first, 1u << spare, static_cast<std::uint8_t>(v));
  }
}

/// The code of `bucket` is now `best`.
void set_best(const Family& family, Channel& channel, unsigned bucket, unsigned best) {
  channel.best[bucket] = static_cast<std::uint8_t>(best);
  std::fill(channel.entries + family.bucket_start[bucket],
            channel.entries + family.bucket_start[bucket + 1],
            channel.table + best * channel.stride);
}

void update_portable(const Family& family, Channel& channel, std::uint8_t before, std::uint8_t now,
                     unsigned trigger) {
  const unsigned bucket = family.bucket_of[before];
  std::uint16_t* counters = channel.counters[bucket];
  unsigned lowest = ~0u;
  unsigned place = 0;
  for (unsigned i = 0; i < code_count; ++i) {
    counters[i] = static_cast<std::uint16_t>(counters[i] + family.lengths[now][i]);
    const unsigned counter = counters[i] | family.unused[i];
    if (counter < lowest) lowest = counter, place = i;
  }
  const unsigned best = code_count - 1 - place;
  if (channel.best[bucket] != best) set_best(family, channel, bucket, best);
  if (lowest <= trigger) return;
  for (unsigned i = 0; i < code_count; ++i) counters[i] >>= 1;
}

#if defined(CASSIA_HAVE_X86_SIMD)
CASSIA_TARGET_SSE41 void update_sse41(const Family& family, Channel* channels, unsigned lanes,
                                      std::uint32_t before, std::uint32_t now, unsigned trigger) {
  const auto vector = [](std::uint16_t* p) { return reinterpret_cast<__m128i*>(p); };
  const auto fixed = [](const std::uint16_t* p) { return reinterpret_cast<const __m128i*>(p); };
  for (unsigned lane = 0; lane < lanes; ++lane, before >>= 8, now >>= 8) {
    Channel& channel = channels[lane];
    const unsigned bucket = family.bucket_of[before & 255];
    __m128i* counters = vector(channel.counters[bucket]);
    const __m128i sum =
        _mm_add_epi16(_mm_load_si128(counters), _mm_load_si128(fixed(family.lengths[now & 255])));
    const __m128i found = _mm_minpos_epu16(_mm_or_si128(sum, _mm_load_si128(fixed(family.unused))));
    const auto place_and_lowest = static_cast<unsigned>(_mm_cvtsi128_si32(found));
    const unsigned halve = (place_and_lowest & 0xffff) > trigger;
    _mm_store_si128(counters, _mm_srl_epi16(sum, _mm_cvtsi32_si128(static_cast<int>(halve))));
    const unsigned best = code_count - 1 - (place_and_lowest >> 16);
    if (channel.best[bucket] != best) set_best(family, channel, bucket, best);
  }
}
#endif

}  // namespace

Family::Family(unsigned bits_per_residual) : bits(bits_per_residual) {
  const unsigned values = 1u << bits;
  std::memset(prefix_limit, 0, sizeof prefix_limit);
  std::memset(escape_bits, 0, sizeof escape_bits);
  std::memset(rice_values, 0, sizeof rice_values);
  std::memset(lengths, 0, sizeof lengths);
  std::memset(codes, 0, sizeof codes);
  std::memset(unused, 0xff, sizeof unused);
  std::memset(lookup.lengths, long_code, sizeof lookup.lengths);
  std::memset(lookup.residuals, 0, sizeof lookup.residuals);
  for (unsigned l = 0; l < bits; ++l) fill_code(*this, l, values);
  // Buckets hold 1, 2, 4, 8, ... residuals; the last takes what is left.
  for (unsigned v = 0; v < 256; ++v) {
    const unsigned bucket = std::bit_width((v & (values - 1)) + 1) - 1;
    bucket_of[v] = static_cast<std::uint8_t>(std::min(bucket, bits - 1));
  }
  for (unsigned b = 0; b <= bucket_count; ++b) {
    bucket_start[b] = static_cast<std::uint16_t>(b < bits ? (1u << b) - 1 : values);
  }
}

unsigned Family::find_long(unsigned l, std::uint64_t top) const {
  const auto zeros = static_cast<unsigned>(std::countl_zero(top));
  if (zeros < prefix_limit[l]) {
    const unsigned length = zeros + 1 + l;
    const auto low = static_cast<unsigned>(top >> (64 - length)) & ((1u << l) - 1);
    return (zeros << l | low) << 8 | length;
  }
  const unsigned length = escape_bits[l];
  const unsigned suffix = length - prefix_limit[l];
  const auto low = static_cast<unsigned>(top >> (64 - length)) & ((1u << suffix) - 1);
  // A broken stream may hold an escape beyond the last residual.
  return ((rice_values[l] + low) & ((1u << bits) - 1)) << 8 | length;
}

const Family& family_5bit() {
  static const Family family(5);
  return family;
}

const Family& family_8bit() {
  static const Family family(8);
  return family;
}

void Channel::reset(const Family& family, const void* user_table, std::size_t bytes_per_code) {
  table = static_cast<const std::uint8_t*>(user_table);
  stride = bytes_per_code;
  std::memset(counters, 0, sizeof counters);
  const unsigned first = family.bits - 1;
  std::fill(std::begin(best), std::end(best), static_cast<std::uint8_t>(first));
  std::fill(std::begin(entries), std::end(entries), table + first * stride);
}

void update_model(SimdLevel level, const Family& family, Channel* channels, unsigned lanes,
                  std::uint32_t before, std::uint32_t now, unsigned trigger) {
#if defined(CASSIA_HAVE_X86_SIMD)
  if (level != SimdLevel::portable) {
    update_sse41(family, channels, lanes, before, now, trigger);
    return;
  }
#endif
  (void)level;
  for (unsigned lane = 0; lane < lanes; ++lane, before >>= 8, now >>= 8) {
    update_portable(family, channels[lane], static_cast<std::uint8_t>(before),
                    static_cast<std::uint8_t>(now), trigger);
  }
}

unsigned State::trigger() const { return triggers[level]; }

std::uint32_t random_bits(unsigned index) { return random_table[index & 255]; }

}  // namespace cassia::codec::quic
