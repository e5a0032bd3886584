// SPDX-License-Identifier: Apache-2.0
#pragma once

// Builds a message: little-endian numbers, copied bytes, and shared buffers that are spliced in
// without a copy (one encoded image in the messages to many viewers).

#include <concepts>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "base/bytes.h"

namespace cassia::wire {

class Writer {
 public:
  /// Where a number was written, to be patched later.
  struct Slot {
    std::size_t index = 0;
  };

  template <std::integral T>
  Slot number(T value) {
    const Slot slot{own_.size()};
    using U = std::make_unsigned_t<T>;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      own_.push_back(static_cast<std::uint8_t>(static_cast<U>(value) >> (8 * i)));
    }
    return slot;
  }
  Slot u8(std::uint8_t value) { return number(value); }
  Slot u16(std::uint16_t value) { return number(value); }
  Slot u32(std::uint32_t value) { return number(value); }
  Slot u64(std::uint64_t value) { return number(value); }
  Slot i32(std::int32_t value) { return number(value); }

  void bytes(ByteView data) { own_.insert(own_.end(), data.begin(), data.end()); }
  /// Joins the message by reference.
  void shared(SharedBytes data);

  void patch_u32(Slot slot, std::uint32_t value);

  /// Bytes written so far, which is the offset of what comes next.
  std::size_t size() const { return own_.size() + spliced_bytes_; }

  /// The message in one buffer.
  Bytes take();
  /// The message as the pieces it is made of.
  std::vector<SharedBytes> take_pieces();

 private:
  struct Splice {
    std::size_t before;  // index in own_ of the byte that follows it
    SharedBytes data;
  };
  Bytes own_;
  std::vector<Splice> splices_;
  std::size_t spliced_bytes_ = 0;
};

}  // namespace cassia::wire
