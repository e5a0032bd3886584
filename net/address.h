// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where to connect or listen, as people write it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cassia::net {

enum class Transport { tcp, unix_socket, tls };

struct Address {
  Transport transport = Transport::tcp;
  std::string host;        ///< name or literal of tcp and tls; an IPv6 literal without brackets
  std::uint16_t port = 0;  ///< 0 when listening: the system chooses
  std::string path;        ///< of unix_socket; of a WebSocket: what the request asks for
  bool websocket = false;  ///< SPICE inside WebSocket messages, over tcp or tls

  bool operator==(const Address&) const = default;
};

/// A SPICE server as a URI names it: one way to it or two, for channels without and with TLS.
struct SpiceUri {
  std::optional<Address> plain;  ///< tcp or unix_socket
  std::optional<Address> tls;
  std::string user;      ///< for SASL; empty if none was given
  std::string password;  ///< likewise
};

/// "spice://host:port", "spice+tls://host:port", "spice+unix:///path", "spice+ws://host:port/path",
/// "spice+wss://..." (or ws:// and wss://), and the forms that virt-viewer takes:
/// "spice://user@host?port=5900&tls-port=5901". Default port 5900; 80 and 443 for WebSockets.
Result<SpiceUri> parse_spice_uris(std::string_view uri);

/// The same as one address: TLS where there is both.
Result<Address> parse_spice_uri(std::string_view uri);

/// "host:port", "[::1]:port", ":port" (all interfaces), "unix:/path" or an absolute path: what
/// --listen and --qmp take.
Result<Address> parse_socket_address(std::string_view text);

/// For messages and logs: "127.0.0.1:5999", "[::1]:5999", "unix:/run/x.sock".
std::string to_string(const Address& address);

}  // namespace cassia::net
