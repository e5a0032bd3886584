// SPDX-License-Identifier: Apache-2.0
#pragma once

// A small HTTP proxy on a test's own event loop: it records what it is asked and does as told.

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "net/stream.h"

namespace cassia::net {

class TestProxy {
 public:
  /// What it answers in place of a tunnel; empty: it opens one. "silence": nothing at all.
  explicit TestProxy(std::string canned = {}) : canned_(std::move(canned)) {}

  std::string head;  ///< of the request

  /// Serves one connection to its end.
  Task<bool> serve(Listener& listener, TlsServer* tls = nullptr) {
    auto stream = co_await listener.accept();
    if (stream && tls != nullptr) {
      stream = co_await tls->handshake(std::move(*stream), std::chrono::seconds(10));
    }
    if (!stream) co_return false;
    Bytes buffer(4096);
    while (head.find("\r\n\r\n") == std::string::npos) {
      const auto got = co_await (*stream)->read_some(buffer);
      if (!got || *got == 0) co_return false;
      head.append(as_text({buffer.data(), *got}));
    }
    if (canned_ == "silence") {
      (void)co_await (*stream)->read_some(buffer);
      co_return true;
    }
    if (!canned_.empty()) {
      co_await say(**stream, canned_);
      (void)co_await (*stream)->read_some(buffer);
      co_return true;
    }
    co_return co_await tunnel(**stream);
  }

 private:
  static Task<bool> say(Stream& stream, std::string text) {
    std::vector<SharedBytes> pieces;
    pieces.emplace_back(to_bytes(std::string_view(text)));
    const auto done = co_await stream.write(pieces);
    co_return done.has_value();
  }

  static Task<bool> copy(Stream& from, Stream& to) {
    Bytes buffer(65536);
    for (;;) {
      const auto got = co_await from.read_some(buffer);
      if (!got || *got == 0) break;
      std::vector<SharedBytes> pieces;
      pieces.emplace_back(Bytes(buffer.begin(), buffer.begin() + static_cast<long>(*got)));
      const auto sent = co_await to.write(pieces);
      if (!sent) break;
    }
    to.close();
    from.close();
    co_return true;
  }

  Task<bool> tunnel(Stream& client) {
    using namespace boost::asio::experimental::awaitable_operators;
    const auto space = head.find(' ');
    const std::string target = head.substr(space + 1, head.find(' ', space + 1) - space - 1);
    const auto address = parse_socket_address(target);
    if (!address) co_return false;
    auto server = co_await connect(*address);
    if (!server) co_return co_await say(client, "HTTP/1.1 502 Bad Gateway\r\n\r\n");
    if (!co_await say(client, "HTTP/1.0 200 Connection established\r\nVia: test\r\n\r\n")) {
      co_return false;
    }
    co_await (copy(client, **server) && copy(**server, client));
    co_return true;
  }

  std::string canned_;
};

}  // namespace cassia::net
