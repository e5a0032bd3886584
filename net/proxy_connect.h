// SPDX-License-Identifier: Apache-2.0
#pragma once

// Internal to net/: a connection to a proxy becomes one to what is behind it.

#include "net/http_connect.h"
#include "net/stream.h"

namespace cassia::net {

/// `stream` leads to `proxy`; the result leads to `target`, through it.
Task<Result<std::unique_ptr<Stream>>> open_tunnel(std::unique_ptr<Stream> stream, Proxy proxy,
                                                  Address target, Duration timeout);

}  // namespace cassia::net
