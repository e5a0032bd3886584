// SPDX-License-Identifier: Apache-2.0
#pragma once

// What both roles of a port do with data and events.

#include "channels/port/port_channel.h"

namespace cassia::channels {

/// Gives `data` to `send(type, body)` in pieces of at most port_chunk bytes, each compressed if
/// `compress` and that makes it smaller. (The message numbers of both roles are the same.)
template <class Send>
void send_port_data(ByteView data, bool compress, Send&& send);

/// SPICE_MSG_SPICEVMC_DATA and _COMPRESSED_DATA: calls events.port_data(). A stated size is checked
/// before anything is allocated for it.
Result<void> deliver_data(ByteView body, PortEvents& events);
Result<void> deliver_compressed(ByteView body, PortEvents& events);

Result<void> deliver_event(ByteView body, PortEvents& events);

struct PortMessage {
  std::uint16_t type = 0;
  Bytes body;
};
/// One piece of at most port_chunk bytes as a message.
PortMessage make_port_message(ByteView piece, bool compress);

/// True if this side wants to compress and the peer can read it.
bool compresses(const PortOptions& options, const MessageLink& link);

template <class Send>
void send_port_data(ByteView data, bool compress, Send&& send) {
  while (!data.empty()) {
    const ByteView piece = data.first(std::min(data.size(), port_chunk));
    PortMessage message = make_port_message(piece, compress);
    send(message.type, std::move(message.body));
    data = data.subspan(piece.size());
  }
}

}  // namespace cassia::channels
