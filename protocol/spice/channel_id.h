// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which channel of a session: a type (SPICE_CHANNEL_* of spice/enums.h) and a number within it.

#include <cstdint>
#include <string_view>

namespace cassia::spice {

enum class ChannelType : std::uint8_t {
  main = 1,
  display,
  inputs,
  cursor,
  playback,
  record,
  tunnel,
  smartcard,
  usbredir,
  port,
  webdav,
};

struct ChannelId {
  ChannelType type = ChannelType::main;
  std::uint8_t id = 0;
  bool operator==(const ChannelId&) const = default;
};

/// "main", "display", ...; "unknown" for numbers outside the enumeration.
std::string_view to_string(ChannelType type);

}  // namespace cassia::spice
