// SPDX-License-Identifier: Apache-2.0
#include "render/codec/quic_bits.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#if defined(CASSIA_HAVE_X86_SIMD)
#include <immintrin.h>
#endif

namespace cassia::codec::quic {
namespace {

/// What the window holds besides the longest row: fewer, larger copies.
constexpr std::size_t window_bytes = std::size_t{32} << 10;

void reverse_portable(std::uint8_t* to, const std::uint8_t* from, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; i += 4) {
    const std::uint32_t word = load_be32(from + i);
    std::memcpy(to + i, &word, 4);
  }
}

#if defined(CASSIA_HAVE_X86_SIMD)
CASSIA_TARGET_SSE41 std::size_t reverse_sse41(std::uint8_t* to, const std::uint8_t* from,
                                              std::size_t bytes) {
  const __m128i order = _mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
  std::size_t i = 0;
  for (; i + 16 <= bytes; i += 16) {
    const __m128i words = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i), _mm_shuffle_epi8(words, order));
  }
  return i;
}
#endif

}  // namespace

void reverse_words(SimdLevel level, std::uint8_t* to, const std::uint8_t* from, std::size_t bytes) {
  std::size_t done = 0;
#if defined(CASSIA_HAVE_X86_SIMD)
  if (level != SimdLevel::portable) done = reverse_sse41(to, from, bytes);
#endif
  (void)level;
  reverse_portable(to + done, from + done, bytes - done);
}

BitSource::BitSource(SimdLevel level, ByteView data, std::size_t row_bytes)
    : level_(level),
      rest_(data.first(data.size() / 4 * 4)),
      row_bytes_(row_bytes),
      capacity_(2 * row_bytes + std::min(rest_.size(), window_bytes)),
      window_(capacity_),
      end_(window_.data()) {}

void BitSource::fill(BitReader& reader) {
  const auto kept = static_cast<std::size_t>(end_ - reader.p);
  std::uint8_t* window = window_.data();
  std::memmove(window, reader.p, kept);
  reader.p = window;
  const std::size_t fresh = std::min((capacity_ - kept) / 4 * 4, rest_.size());
  reverse_words(level_, window + kept, rest_.data(), fresh);
  rest_ = rest_.subspan(fresh);
  end_ = window + kept + fresh;
  if (!rest_.empty()) return;
  const std::size_t zeros = capacity_ - kept - fresh;
  std::memset(window + kept + fresh, 0, zeros);
  padding_ += zeros;
  end_ += zeros;
}

BitSink::~BitSink() { std::free(bytes_); }

bool BitSink::ensure(BitWriter& writer, std::size_t bytes) {
  const std::size_t size = writer.p == nullptr ? 0 : static_cast<std::size_t>(writer.p - bytes_);
  const std::size_t needed = size + bytes + 8;
  if (needed <= capacity_) return true;
  const std::size_t capacity = std::max(needed, capacity_ + capacity_ / 2);
  auto* grown = static_cast<std::uint8_t*>(std::realloc(bytes_, capacity));
  if (grown == nullptr) return false;
  bytes_ = grown;
  capacity_ = capacity;
  writer.p = bytes_ + size;
  return true;
}

void BitSink::settle(const BitWriter& writer) {
  const std::size_t complete = static_cast<std::size_t>(writer.p - bytes_) / 4 * 4;
  reverse_words(level_, bytes_ + settled_, bytes_ + settled_, complete - settled_);
  settled_ = complete;
}

SharedBytes BitSink::finish(BitWriter& writer) {
  const auto bits = static_cast<unsigned>((writer.p - bytes_) % 4) * 8 + writer.used;
  writer.put(0, (32 - bits % 32) % 32);
  writer.flush();
  writer.put(0, 32);
  writer.flush();
  settle(writer);
  const auto size = static_cast<std::size_t>(writer.p - bytes_);
  if (void* shrunk = std::realloc(bytes_, size)) bytes_ = static_cast<std::uint8_t*>(shrunk);
  std::uint8_t* bytes = std::exchange(bytes_, nullptr);
  return SharedBytes(std::shared_ptr<const void>(bytes, std::free), ByteView(bytes, size));
}

}  // namespace cassia::codec::quic
