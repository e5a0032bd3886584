// SPDX-License-Identifier: Apache-2.0
#pragma once

// Cuts a byte stream that arrives in any pieces into messages. A message that lies whole inside one
// piece is not copied.

#include <functional>

#include "protocol/spice/header.h"

namespace cassia::channels {

class FrameReader {
 public:
  /// Gets a message; false: stop (the connection is closing, or waits for something).
  using OnMessage = std::function<Result<bool>(const spice::MessageHeader&, ByteView body)>;

  FrameReader(spice::HeaderKind kind, std::size_t max_message)
      : kind_(kind), max_message_(max_message) {}

  /// What is left of `bytes` behind the message at which it was stopped; else nothing.
  Result<ByteView> feed(ByteView bytes, const OnMessage& on_message);

 private:
  /// Bytes that the frame at the start of `bytes` has, or that are needed to know.
  Result<std::size_t> frame_size(ByteView bytes) const;

  spice::HeaderKind kind_;
  std::size_t max_message_;
  Bytes partial_;
};

}  // namespace cassia::channels
