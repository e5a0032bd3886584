// SPDX-License-Identifier: Apache-2.0
#pragma once

// SPICE inside WebSocket messages (subprotocol "binary"), as spice-html5 and libspice-server speak
// it: the messages' bytes in order are the connection's bytes, their bounds mean nothing.
// Source: RFC 6455; Boost.Beast does the frames.

#include <memory>
#include <string>
#include <vector>

#include "net/stream.h"

namespace cassia::net {

struct WebSocketServerOptions {
  /// Values of the header "Origin" that are let in; empty: all, and programs that send none always.
  std::vector<std::string> origins;
  Duration timeout = std::chrono::seconds(10);  ///< until it is known what the client speaks
};

/// Looks at the first bytes of an accepted connection. One that begins as an HTTP request is taken
/// through the WebSocket handshake (an error says what was wrong; the client got an HTTP status);
/// any other comes back as it was.
Task<Result<std::unique_ptr<Stream>>> accept_any(std::unique_ptr<Stream> stream,
                                                 WebSocketServerOptions options);

/// Client side over a connected stream. `host` is "name:port", `path` begins with a slash.
Task<Result<std::unique_ptr<Stream>>> open_websocket(std::unique_ptr<Stream> stream,
                                                     std::string host, std::string path,
                                                     Duration timeout);

}  // namespace cassia::net
