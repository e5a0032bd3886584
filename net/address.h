// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where to connect or listen, as people write it.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cassia::net {

enum class Transport { tcp, unix_socket, tls };

struct Address {
  Transport transport = Transport::tcp;
  std::string host;         ///< name or literal of tcp and tls; an IPv6 literal without brackets
  std::uint16_t port = 0;   ///< 0 when listening: the system chooses
  std::string path;         ///< of unix_socket

  bool operator==(const Address&) const = default;
};

/// "spice://host:port", "spice+tls://host:port", "spice+unix:///path", and the forms that
/// virt-viewer takes: "spice://host?port=5900", "spice://host?tls-port=5901". Default port 5900.
Result<Address> parse_spice_uri(std::string_view uri);

/// "host:port", "[::1]:port", ":port" (all interfaces), "unix:/path" or an absolute path: what
/// --listen and --qmp take.
Result<Address> parse_socket_address(std::string_view text);

/// For messages and logs: "127.0.0.1:5999", "[::1]:5999", "unix:/run/x.sock".
std::string to_string(const Address& address);

}  // namespace cassia::net
