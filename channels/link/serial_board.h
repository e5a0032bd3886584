// SPDX-License-Identifier: Apache-2.0
#pragma once

// How far each channel of a session has come: the serial of the last message that it has handled.
// A server whose display channels share a cache names such serials (SPICE_MSG_WAIT_FOR_CHANNELS,
// the list of SPICE_MSG_DISPLAY_INVAL_ALL_PIXMAPS) that another channel must wait for.

#include <cstdint>
#include <functional>
#include <map>
#include <span>

#include "protocol/spice/base_messages.h"
#include "protocol/spice/channel_id.h"

namespace cassia::channels {

/// One thread. Outlives the connections that are on it (they share it).
class SerialBoard {
 public:
  /// `moved` is called when another channel has come further.
  void join(spice::ChannelId channel, std::function<void()> moved);
  void leave(spice::ChannelId channel);
  void handled(spice::ChannelId channel, std::uint64_t serial);

  /// True if all have come that far. A channel that is not there is not waited for, nor is `self`.
  bool reached(std::span<const spice::ChannelWait> waits, spice::ChannelId self) const;

 private:
  struct Seat {
    std::uint64_t serial = 0;
    std::function<void()> moved;
  };
  using Key = std::pair<std::uint8_t, std::uint8_t>;
  void notify();

  std::map<Key, Seat> seats_;
  bool notifying_ = false;
  bool again_ = false;
};

}  // namespace cassia::channels
