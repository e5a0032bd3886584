// SPDX-License-Identifier: Apache-2.0
#pragma once

// The pieces of which addresses are made, for the parsers of net/.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cassia::net {

/// 0 to 65535, digits only.
std::optional<std::uint16_t> parse_port(std::string_view text);

struct HostPort {
  std::string_view host;
  std::string_view port;  ///< empty if none was given
  bool has_port = false;
};

/// "host:port", "[::1]:port", "host", ":port".
std::optional<HostPort> split_host_port(std::string_view text);

/// "%41" becomes "A"; what is no such escape stays.
std::string percent_decoded(std::string_view text);

}  // namespace cassia::net
