// SPDX-License-Identifier: Apache-2.0
#include "protocol/wire/writer.h"

namespace cassia::wire {

void Writer::shared(SharedBytes data) {
  if (data.empty()) return;
  spliced_bytes_ += data.size();
  splices_.push_back({own_.size(), std::move(data)});
}

void Writer::patch_u32(Slot slot, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) {
    own_.at(slot.index + i) = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

Bytes Writer::take() {
  if (splices_.empty()) return std::move(own_);
  Bytes all;
  all.reserve(size());
  for (const SharedBytes& piece : take_pieces()) {
    all.insert(all.end(), piece.view().begin(), piece.view().end());
  }
  return all;
}

std::vector<SharedBytes> Writer::take_pieces() {
  std::vector<SharedBytes> pieces;
  const SharedBytes own(std::move(own_));
  std::size_t done = 0;
  for (Splice& splice : splices_) {
    if (splice.before > done) pieces.push_back(own.slice(done, splice.before - done));
    done = splice.before;
    pieces.push_back(std::move(splice.data));
  }
  if (done < own.size()) pieces.push_back(own.slice(done, own.size() - done));
  own_.clear();
  splices_.clear();
  spliced_bytes_ = 0;
  return pieces;
}

}  // namespace cassia::wire
