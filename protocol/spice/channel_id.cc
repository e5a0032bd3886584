// SPDX-License-Identifier: Apache-2.0
#include "protocol/spice/channel_id.h"

#include <array>

namespace cassia::spice {

std::string_view to_string(ChannelType type) {
  static constexpr std::array<std::string_view, 12> names = {
      "unknown", "main",   "display",   "inputs",   "cursor", "playback",
      "record",  "tunnel", "smartcard", "usbredir", "port",   "webdav"};
  const auto index = static_cast<std::size_t>(type);
  return index < names.size() ? names[index] : names[0];
}

}  // namespace cassia::spice
