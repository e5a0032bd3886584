// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the fuzz targets of the sound channels do with their input: messages, each 2 bytes of type
// and 2 bytes of size before its body.

#include "channels/link/message_sender.h"
#include "protocol/wire/reader.h"

namespace cassia::channels {

/// Feeds `channel`, whose peer has the capabilities `caps`, until it refuses a message.
inline void feed_messages(Channel& channel, spice::ChannelType type, spice::Capabilities caps,
                          ByteView input) {
  MessageSender link({}, [] {});
  link.set_peer({type, 0}, std::move(caps));
  channel.attach(&link);
  channel.on_open();
  wire::Reader reader(input);
  while (reader.remaining() >= 4) {
    const std::uint16_t message = reader.u16();
    const std::size_t length = std::min<std::size_t>(reader.u16(), reader.remaining());
    if (!channel.on_message(message, reader.bytes(length), {})) break;
    (void)link.take_output();
  }
  channel.on_closed(Error(ErrorKind::closed, "end of the input"));
}

}  // namespace cassia::channels
