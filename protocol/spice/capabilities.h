// SPDX-License-Identifier: Apache-2.0
#pragma once

// Capability bits of a link message or reply: an array of 32-bit words, bit n is capability n.
// The numbers are the SPICE_*_CAP_* enumerators of spice/protocol.h.

#include <cstdint>
#include <initializer_list>
#include <vector>

namespace cassia::spice {

class Capabilities {
 public:
  Capabilities() = default;
  Capabilities(std::initializer_list<unsigned> caps) {
    for (unsigned cap : caps) set(cap);
  }
  explicit Capabilities(std::vector<std::uint32_t> words) : words_(std::move(words)) {}

  void set(unsigned cap) {
    if (cap / 32 >= words_.size()) words_.resize(cap / 32 + 1);
    words_[cap / 32] |= std::uint32_t{1} << (cap % 32);
  }
  bool has(unsigned cap) const {
    return cap / 32 < words_.size() && ((words_[cap / 32] >> (cap % 32)) & 1) != 0;
  }
  const std::vector<std::uint32_t>& words() const { return words_; }

 private:
  std::vector<std::uint32_t> words_;
};

}  // namespace cassia::spice
