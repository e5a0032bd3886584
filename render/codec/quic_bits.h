// SPDX-License-Identifier: Apache-2.0
#pragma once

// The bits of a QUIC stream, which are those of little-endian 32-bit words, the highest first. Both
// directions work on the stream with the bytes of every word reversed, where that order is plain:
// the reader on a window that is filled with reversed words, the writer in a buffer whose finished
// words are reversed afterwards. Internal to render/codec.

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "render/codec/cpu.h"
#include "render/codec/pixels.h"

namespace cassia::codec::quic {

/// Copies `bytes` (a multiple of 4) and reverses the bytes of every word. `to` may equal `from`.
void reverse_words(SimdLevel level, std::uint8_t* to, const std::uint8_t* from, std::size_t bytes);

/// The next bits. Small, so that a copy of it stays in registers through a row. Reads without
/// checks: a BitSource has made sure that a row's worst case is there.
struct BitReader {
  /// Makes at least 56 bits available. More bytes are read than counted; reading them again changes
  /// nothing.
  [[gnu::always_inline]] void refill() {
    bits |= load_be64(p) >> available;
    p += (63 - available) >> 3;
    available |= 56;
  }
  /// `count` from 1 to 64.
  unsigned top(unsigned count) const { return static_cast<unsigned>(bits >> (64 - count)); }
  void skip(unsigned count) {
    bits <<= count & 63;
    available -= count;
  }

  const std::uint8_t* p = nullptr;
  std::uint64_t bits = 0;  ///< the next ones, from the highest bit down
  unsigned available = 0;  ///< how many of `bits` are counted: at most 63
};

/// Where a BitReader's bits come from. After the end of the data come zeros; overrun() tells.
class BitSource {
 public:
  /// A row takes at most `row_bytes`. `data` must outlive this.
  BitSource(SimdLevel level, ByteView data, std::size_t row_bytes);

  /// A reader that stands at the beginning.
  BitReader reader() const { return BitReader{.p = end_}; }
  /// To be called before each row.
  void prepare(BitReader& reader) {
    if (static_cast<std::size_t>(end_ - reader.p) < row_bytes_) fill(reader);
  }
  bool overrun(const BitReader& reader) const {
    return static_cast<std::size_t>(end_ - reader.p) * 8 + reader.available < padding_ * 8;
  }

 private:
  void fill(BitReader& reader);

  SimdLevel level_;
  ByteView rest_;  // not in the window yet
  std::size_t row_bytes_;
  std::size_t capacity_;
  Scratch window_;
  const std::uint8_t* end_;  // of what the window holds
  std::size_t padding_ = 0;  // how many bytes before end_ are zeros that are not in the data
};

/// Writes bits into memory that the caller keeps large enough (8 bytes more than is written).
struct BitWriter {
  /// At most 57 bits between two calls of flush().
  [[gnu::always_inline]] void put(std::uint64_t value, unsigned count) {
    bits = bits << count | value;
    used += count;
  }
  /// Stores what was put; less than a byte remains.
  [[gnu::always_inline]] void flush() {
    const std::uint64_t left = __builtin_bswap64(bits << ((64 - used) & 63));
    std::memcpy(p, &left, 8);
    p += used >> 3;
    used &= 7;
  }

  std::uint8_t* p = nullptr;
  std::uint64_t bits = 0;  ///< the last `used` of them are yet to be stored
  unsigned used = 0;
};

/// The growing buffer behind a BitWriter.
class BitSink {
 public:
  explicit BitSink(SimdLevel level) : level_(level) {}
  BitSink(const BitSink&) = delete;
  ~BitSink();

  /// Makes room for `bytes` more; true unless there is no memory.
  [[nodiscard]] bool ensure(BitWriter& writer, std::size_t bytes);
  /// Reverses the words that are complete. Call it now and then, while they are in the cache.
  void settle(const BitWriter& writer);
  /// Fills the last word; one more of zeros is what decoders read ahead. Room for 16 bytes has been
  /// made.
  SharedBytes finish(BitWriter& writer);

 private:
  SimdLevel level_;
  std::uint8_t* bytes_ = nullptr;  // from malloc, so that it can grow and shrink in place
  std::size_t capacity_ = 0;
  std::size_t settled_ = 0;
};

}  // namespace cassia::codec::quic
