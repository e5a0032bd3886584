// SPDX-License-Identifier: Apache-2.0
#pragma once

// Messages that either side may send on any channel.

#include <spice/enums.h>

#include "channels/link/channel.h"

namespace cassia::channels {

/// DISCONNECTING with its reason (SPICE_LINK_ERR_*) and time, as the last thing said: closes the
/// link once it has left. `type`: SPICE_MSG_DISCONNECTING of a server, SPICE_MSGC_DISCONNECTING of
/// a client.
inline void say_goodbye(MessageLink& link, std::uint16_t type, std::uint32_t reason,
                        TimePoint now) {
  const auto time = std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch());
  std::vector<SharedBytes> pieces;
  pieces.emplace_back(
      wire::encode(spice::Disconnecting{static_cast<std::uint64_t>(time.count()), reason}));
  link.send(type, std::move(pieces));
  link.close();
}

/// Server role: the client goes on at the host that it migrates to. With `data` it takes that along
/// to it; it answers with a flush mark first (Channel::on_flush_mark()), and send_migrate_data()
/// follows that.
inline void send_migrate(MessageLink& link, bool data_follows) {
  std::uint32_t flags = SPICE_MIGRATE_NEED_FLUSH;
  if (data_follows) flags |= SPICE_MIGRATE_NEED_DATA_TRANSFER;
  std::vector<SharedBytes> pieces;
  pieces.emplace_back(wire::encode(spice::Migrate{flags}));
  link.send(SPICE_MSG_MIGRATE, std::move(pieces));
}

inline void send_migrate_data(MessageLink& link, SharedBytes data) {
  link.send(SPICE_MSG_MIGRATE_DATA, {std::move(data)});
}

/// Server role: the client handles nothing more from this channel before `waits` has come true.
inline void send_wait_for_channels(MessageLink& link, std::vector<spice::ChannelWait> waits) {
  std::vector<SharedBytes> pieces;
  pieces.emplace_back(wire::encode(spice::WaitForChannels{std::move(waits)}));
  link.send(SPICE_MSG_WAIT_FOR_CHANNELS, std::move(pieces));
}

}  // namespace cassia::channels
