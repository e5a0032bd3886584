// SPDX-License-Identifier: Apache-2.0
// A proxy's answer to CONNECT. Byte 0: the size of the pieces in which it comes.

#include "net/http_connect.h"

#include <algorithm>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = 1 + data[0];
  cassia::ByteView bytes(data + 1, size - 1);
  cassia::net::HttpConnect exchange({false, "proxy", 3128, "user", "password"}, "vm:5900");
  while (!bytes.empty()) {
    const std::size_t now = std::min(piece, bytes.size());
    const auto open = exchange.receive(bytes.first(now));
    bytes = bytes.subspan(now);
    if (!open) return 0;
    if (!*open) continue;
    // What came behind the head is no longer than the piece it was in.
    if (exchange.rest().size() > now) __builtin_trap();
    return 0;
  }
  return 0;
}
