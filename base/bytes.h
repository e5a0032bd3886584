// SPDX-License-Identifier: Apache-2.0
#pragma once

// Byte buffers: owned, borrowed, shared.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cassia {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using MutableByteView = std::span<std::uint8_t>;

/// An immutable slice of a buffer that several owners hold (one encoded image sent to many viewers).
/// Copying it copies a pointer; the bytes live until the last holder is gone. Safe across threads.
class SharedBytes {
 public:
  SharedBytes() = default;
  SharedBytes(Bytes bytes)  // NOLINT(google-explicit-constructor): a Bytes is a SharedBytes to be
      : SharedBytes(std::make_shared<const Bytes>(std::move(bytes))) {}
  /// Bytes that `owner` keeps alive. Without an owner they are borrowed: whoever makes such a slice
  /// sees to it that no copy of it outlives them.
  SharedBytes(std::shared_ptr<const void> owner, ByteView view)
      : owner_(std::move(owner)), view_(view) {}

  ByteView view() const { return view_; }
  const std::uint8_t* data() const { return view_.data(); }
  std::size_t size() const { return view_.size(); }
  bool empty() const { return view_.empty(); }

  /// The bytes [offset, offset + length), which must lie inside; shares the buffer.
  SharedBytes slice(std::size_t offset, std::size_t length) const {
    SharedBytes part = *this;
    part.view_ = view_.subspan(offset, length);
    return part;
  }

 private:
  explicit SharedBytes(std::shared_ptr<const Bytes> bytes) : view_(*bytes) {
    owner_ = std::move(bytes);
  }

  std::shared_ptr<const void> owner_;
  ByteView view_;
};

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes to_bytes(std::string_view text) {
  return {text.begin(), text.end()};
}
inline Bytes to_bytes(ByteView bytes) {
  return {bytes.begin(), bytes.end()};
}

}  // namespace cassia
