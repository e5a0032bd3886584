// SPDX-License-Identifier: Apache-2.0
#include "channels/link/serial_board.h"

#include <algorithm>
#include <vector>

namespace cassia::channels {
namespace {

std::pair<std::uint8_t, std::uint8_t> key_of(spice::ChannelId channel) {
  return {static_cast<std::uint8_t>(channel.type), channel.id};
}

}  // namespace

void SerialBoard::join(spice::ChannelId channel, std::function<void()> moved) {
  seats_[key_of(channel)] = {0, std::move(moved)};
}

void SerialBoard::leave(spice::ChannelId channel) {
  if (seats_.erase(key_of(channel)) != 0) notify();
}

void SerialBoard::handled(spice::ChannelId channel, std::uint64_t serial) {
  const auto seat = seats_.find(key_of(channel));
  if (seat == seats_.end()) return;
  seat->second.serial = serial;
  notify();
}

bool SerialBoard::reached(std::span<const spice::ChannelWait> waits, spice::ChannelId self) const {
  return std::all_of(waits.begin(), waits.end(), [&](const spice::ChannelWait& wait) {
    const Key key{wait.channel_type, wait.channel_id};
    const auto seat = seats_.find(key);
    return key == key_of(self) || seat == seats_.end() || seat->second.serial >= wait.serial;
  });
}

// A channel that goes on handles messages, which moves the board again: one round after the other,
// not one inside the other.
void SerialBoard::notify() {
  again_ = true;
  if (notifying_) return;
  notifying_ = true;
  while (std::exchange(again_, false)) {
    std::vector<std::function<void()>> all;
    for (const auto& [key, seat] : seats_) all.push_back(seat.moved);
    for (const auto& moved : all) moved();
  }
  notifying_ = false;
}

}  // namespace cassia::channels
