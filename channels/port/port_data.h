// SPDX-License-Identifier: Apache-2.0
#pragma once

// What both roles of a port do with data and events.

#include <algorithm>

#include "channels/port/port_channel.h"

namespace cassia::channels {

/// Calls send(Bytes) for each piece of at most port_chunk bytes.
template <class Send>
void for_each_chunk(ByteView data, Send&& send) {
  while (!data.empty()) {
    const std::size_t size = std::min(data.size(), port_chunk);
    send(to_bytes(data.first(size)));
    data = data.subspan(size);
  }
}

inline Result<void> deliver_event(std::uint8_t event, PortEvents& events) {
  if (event > static_cast<std::uint8_t>(PortEvent::break_)) {
    return fail(ErrorKind::malformed, "unknown port event {}", event);
  }
  events.port_event(static_cast<PortEvent>(event));
  return {};
}

}  // namespace cassia::channels
