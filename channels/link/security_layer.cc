// SPDX-License-Identifier: Apache-2.0
#include "channels/link/security_layer.h"

#include <algorithm>

namespace cassia::channels {

void SecurityLayer::start(SaslEngine& engine, std::vector<SharedBytes> unprotected) {
  engine_ = &engine;
  unprotected_ = std::move(unprotected);
}

std::vector<SharedBytes> SecurityLayer::outgoing(std::vector<SharedBytes> pieces) {
  if (!on()) return pieces;
  std::vector<SharedBytes> out = std::exchange(unprotected_, {});
  for (const SharedBytes& piece : out) batches_.push_back({piece.size(), piece.size()});
  for (const SharedBytes& piece : pieces) {
    if (failed_ || piece.empty()) continue;
    auto encoded = engine_->encode(piece.view());
    if (!encoded) {
      failed_ = true;
      continue;
    }
    batches_.push_back({encoded->size(), piece.size()});
    out.emplace_back(std::move(*encoded));
  }
  return out;
}

std::size_t SecurityLayer::written(std::size_t bytes) {
  if (!on()) return bytes;
  std::size_t plain = 0;
  while (bytes > 0 && !batches_.empty()) {
    Batch& batch = batches_.front();
    const std::size_t now = std::min(bytes, batch.wire);
    batch.wire -= now;
    bytes -= now;
    if (batch.wire > 0) break;
    plain += batch.plain;
    batches_.pop_front();
  }
  return plain;
}

Result<Bytes> SecurityLayer::incoming(ByteView wire) { return engine_->decode(wire); }

}  // namespace cassia::channels
