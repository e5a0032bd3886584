// SPDX-License-Identifier: Apache-2.0
#pragma once

// Protection of all bytes after the handshake by the SASL mechanism that was used in it. Off until
// start(); then what leaves is encoded and what arrives decoded.

#include <deque>
#include <vector>

#include "channels/link/sasl.h"

namespace cassia::channels {

class SecurityLayer {
 public:
  /// `unprotected` is queued already and still leaves as it is. `engine` must outlive the layer.
  void start(SaslEngine& engine, std::vector<SharedBytes> unprotected);
  bool on() const { return engine_ != nullptr; }

  /// Encodes the pieces of one write. After a failure (a bug of the library) nothing leaves.
  std::vector<SharedBytes> outgoing(std::vector<SharedBytes> pieces);
  /// How many plain bytes have left when `bytes` more are on the wire.
  std::size_t written(std::size_t bytes);
  Result<Bytes> incoming(ByteView wire);
  bool failed() const { return failed_; }

 private:
  struct Batch {
    std::size_t wire = 0;
    std::size_t plain = 0;
  };

  SaslEngine* engine_ = nullptr;
  std::vector<SharedBytes> unprotected_;
  std::deque<Batch> batches_;
  bool failed_ = false;
};

}  // namespace cassia::channels
