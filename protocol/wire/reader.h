// SPDX-License-Identifier: Apache-2.0
#pragma once

// Reads little-endian numbers and slices from a borrowed message. The first read beyond the end (or
// fail()) makes the Reader sticky-failed: from then on every read gives zero or nothing, so a
// parser reads a whole structure and checks ok() once, before it acts on what it read.

#include <concepts>
#include <cstdint>
#include <type_traits>

#include "base/bytes.h"

namespace cassia::wire {

class Reader {
 public:
  explicit Reader(ByteView whole) : whole_(whole) {}

  /// A Reader on the same message that starts at `offset` (SPICE's pointers count from the start of
  /// the message). Failed if this one is or the offset lies outside.
  Reader at(std::size_t offset) const {
    Reader sub = *this;
    if (offset > whole_.size()) {
      sub.fail();
    } else {
      sub.offset_ = offset;
    }
    return sub;
  }

  bool ok() const { return ok_; }
  void fail() { ok_ = false; }
  std::size_t offset() const { return offset_; }
  std::size_t remaining() const { return ok_ ? whole_.size() - offset_ : 0; }
  ByteView whole() const { return whole_; }

  template <std::integral T>
  T number() {
    using U = std::make_unsigned_t<T>;
    const ByteView raw = bytes(sizeof(T));
    U value = 0;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      value = static_cast<U>(value | static_cast<U>(U{raw[i]} << (8 * i)));
    }
    return static_cast<T>(value);
  }
  std::uint8_t u8() { return number<std::uint8_t>(); }
  std::uint16_t u16() { return number<std::uint16_t>(); }
  std::uint32_t u32() { return number<std::uint32_t>(); }
  std::uint64_t u64() { return number<std::uint64_t>(); }
  std::int32_t i32() { return number<std::int32_t>(); }

  /// The next `count` bytes, borrowed from the message; empty (and failed) if there are fewer.
  ByteView bytes(std::uint64_t count) {
    if (count > remaining()) {
      fail();
      return {};
    }
    const ByteView part = whole_.subspan(offset_, static_cast<std::size_t>(count));
    offset_ += part.size();
    return part;
  }
  /// All that is left.
  ByteView rest() { return bytes(remaining()); }
  void skip(std::uint64_t count) { (void)bytes(count); }

 private:
  ByteView whole_;
  std::size_t offset_ = 0;
  bool ok_ = true;
};

}  // namespace cassia::wire
