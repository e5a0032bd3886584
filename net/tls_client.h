// SPDX-License-Identifier: Apache-2.0
#pragma once

// Internal to net/: the client side of TLS.

#include "net/socket_stream.h"

namespace cassia::net {

/// TLS to `address` on a connected socket.
Task<Result<std::unique_ptr<Stream>>> start_tls(Socket socket, const Address& address,
                                                const TlsClientOptions& options, Duration timeout);

/// The same over any stream: one that goes through a proxy.
Task<Result<std::unique_ptr<Stream>>> start_tls(std::unique_ptr<Stream> stream,
                                                const Address& address,
                                                const TlsClientOptions& options, Duration timeout);

}  // namespace cassia::net
