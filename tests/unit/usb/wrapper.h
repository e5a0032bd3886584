// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a host sends to a mass storage device.

#include "base/bytes.h"

namespace cassia::client {

inline void put_word(Bytes& out, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

inline std::uint32_t word(ByteView data, std::size_t at) {
  return static_cast<std::uint32_t>(data[at]) | static_cast<std::uint32_t>(data[at + 1]) << 8 |
         static_cast<std::uint32_t>(data[at + 2]) << 16 |
         static_cast<std::uint32_t>(data[at + 3]) << 24;
}

/// A command block wrapper of the bulk-only transport.
inline Bytes wrapper(std::uint32_t tag, std::uint32_t length, bool in, Bytes command,
                     std::uint8_t unit = 0) {
  Bytes out = {'U', 'S', 'B', 'C'};
  put_word(out, tag);
  put_word(out, length);
  out.push_back(in ? 0x80 : 0);
  out.push_back(unit);
  out.push_back(static_cast<std::uint8_t>(command.size()));
  command.resize(16);
  out.insert(out.end(), command.begin(), command.end());
  return out;
}

}  // namespace cassia::client
