// SPDX-License-Identifier: Apache-2.0
#pragma once

// HTTP CONNECT, the client's half, without I/O: the request, and the answer's head. Source: RFC
// 9110 (9.3.6 CONNECT, 11 authentication), RFC 7617 (Basic).

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace cassia::net {

/// A proxy as people write it: "http://user:password@host:port", "https://host", "host:port".
struct Proxy {
  bool tls = false;  ///< https: TLS to the proxy itself
  std::string host;
  std::uint16_t port = 3128;
  std::string user, password;

  bool operator==(const Proxy&) const = default;
};

/// As spice-gtk takes it: without a scheme it is http, the ports are 3128 (http) and 3129 (https).
/// User and password may be percent-encoded.
Result<Proxy> parse_proxy(std::string_view text);

/// For messages: without the password.
std::string to_string(const Proxy& proxy);

class HttpConnect {
 public:
  /// No head of a peer is longer.
  static constexpr std::size_t max_head = 8192;

  /// `authority` is "host:port" of what is to be reached.
  HttpConnect(const Proxy& proxy, std::string authority);

  /// To be sent first.
  const std::string& request() const { return request_; }

  /// Takes what the proxy sent. True: the tunnel is open, and rest() holds what came behind the
  /// head already. Errors: auth (407), permission (403), not_found (404, 502, 503, 504: the proxy
  /// cannot reach it), malformed, unsupported.
  Result<bool> receive(ByteView bytes);
  Bytes rest() { return std::move(rest_); }

 private:
  Result<void> judge(std::string_view head) const;

  std::string name_;
  bool has_credentials_;
  std::string authority_;
  std::string request_;
  Bytes head_;
  Bytes rest_;
};

}  // namespace cassia::net
