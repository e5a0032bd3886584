// SPDX-License-Identifier: Apache-2.0
#pragma once

// Messages on the storage channel: a 4-byte little-endian length, then that many bytes of JSON.

#include <functional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace cassia::storage {

/// Name of the port channel (SPICE_CHANNEL_PORT).
inline constexpr std::string_view storage_port_name = "org.cassia.storage.0";

/// Longest message, without its length.
inline constexpr std::size_t max_message = 1u << 20;

/// Takes the bytes of one direction in any pieces and gives whole messages.
class StorageFramer {
 public:
  /// Borrowed for the call. An error from it ends receive() with that error.
  using Sink = std::function<Result<void>(std::string_view message)>;

  /// ErrorKind::malformed at a length of 0 or above max_message: nothing after it can be trusted,
  /// so the owner closes the port.
  Result<void> receive(ByteView bytes, const Sink& sink);

  /// Bytes of a message that is not complete yet.
  std::size_t pending() const { return buffer_.size(); }
  void reset() { buffer_.clear(); }

 private:
  Bytes buffer_;
};

/// A message with its length in front; refused if longer than max_message.
Result<Bytes> frame_message(std::string_view message);

}  // namespace cassia::storage
