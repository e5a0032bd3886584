// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the fuzz targets of single channels share: input is a row of messages, each 2 bytes of type
// and 2 bytes of size before its body. The link is real but goes nowhere; what the channel sends is
// thrown away, as if a socket had taken it.

#include <algorithm>
#include <cstdint>

#include "channels/link/channel.h"
#include "channels/link/message_sender.h"
#include "protocol/wire/reader.h"

namespace cassia::channels {

/// Opens `channel` with a peer that offers everything, and feeds it the messages in `input`.
inline void fuzz_channel(Channel& channel, spice::ChannelId id, ByteView input) {
  MessageSender link({}, [] {});
  link.set_peer(id, spice::Capabilities(std::vector<std::uint32_t>{0xffffffffu}));
  channel.attach(&link);
  channel.on_open();
  wire::Reader reader(input);
  while (reader.remaining() >= 4) {
    const std::uint16_t type = reader.u16();
    const std::size_t length = std::min<std::size_t>(reader.u16(), reader.remaining());
    if (!channel.on_message(type, reader.bytes(length), {})) break;
    channel.on_input_handled();
    std::size_t sent = 0;
    for (const SharedBytes& piece : link.take_output()) sent += piece.size();
    link.written(sent);
    if (link.take_writable_again()) channel.on_writable();
  }
  channel.on_closed({ErrorKind::closed, "end of input"});
}

}  // namespace cassia::channels
