// SPDX-License-Identifier: Apache-2.0
// Client side: TCP, unix socket, TLS, proxies, WebSocket.

#include <sys/un.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/proxy_connect.h"
#include "net/socket_stream.h"
#include "net/tls_client.h"
#include "net/websocket.h"

namespace cassia::net {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

Task<boost::system::error_code> connect_one(Socket& socket,
                                            asio::generic::stream_protocol::endpoint endpoint,
                                            Duration timeout) {
  boost::system::error_code ec;
  Deadline deadline(socket, timeout);
  co_await socket.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, ec));
  if (deadline.expired()) ec = asio::error::timed_out;
  co_return ec;
}

Task<Result<Socket>> connect_unix(const Address& address, Duration timeout) {
  if (address.path.size() >= sizeof(sockaddr_un::sun_path)) {
    co_return fail(ErrorKind::invalid_argument, "{}: path of a unix socket is too long",
                   to_string(address));
  }
  Socket socket(co_await asio::this_coro::executor);
  const auto ec =
      co_await connect_one(socket, asio::local::stream_protocol::endpoint(address.path), timeout);
  if (ec) co_return fail(socket_error(ec, to_string(address)));
  co_return std::move(socket);
}

Task<Result<Socket>> connect_tcp(const Address& address, Duration timeout) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::resolver resolver(executor);
  boost::system::error_code ec;
  const auto found = co_await resolver.async_resolve(address.host, std::to_string(address.port),
                                                     asio::redirect_error(asio::use_awaitable, ec));
  if (ec) {
    co_return fail(ErrorKind::not_found, "{}: {}", to_string(address), ec.message());
  }
  for (const auto& entry : found) {
    Socket socket(executor);
    ec = co_await connect_one(socket, entry.endpoint(), timeout);
    if (ec) continue;
    tune(socket);
    co_return std::move(socket);
  }
  co_return fail(socket_error(ec, to_string(address)));
}

Address proxy_address(const Proxy& proxy) {
  return {proxy.tls ? Transport::tls : Transport::tcp, proxy.host, proxy.port, {}, false};
}

Task<Result<std::unique_ptr<Stream>>> secured(Socket socket, Address address,
                                              ConnectOptions options) {
  if (address.transport == Transport::tls) {
    co_return co_await start_tls(std::move(socket), address, options.tls, options.timeout);
  }
  co_return std::unique_ptr<Stream>(std::make_unique<SocketStream>(std::move(socket)));
}

Task<Result<std::unique_ptr<Stream>>> connect_through(Proxy proxy, Address address,
                                                      ConnectOptions options) {
  const Address near = proxy_address(proxy);
  auto socket = co_await connect_tcp(near, options.timeout);
  if (!socket) co_return fail(socket.error().in("proxy"));
  // The proxy is another host than the server: its certificate bears its own name, and is trusted
  // as the system says, not by the authority that the server was given.
  ConnectOptions to_proxy = options;
  to_proxy.tls = {};
  auto stream = co_await secured(std::move(*socket), near, to_proxy);
  if (!stream) co_return fail(stream.error().in("proxy"));
  auto tunnel = co_await open_tunnel(std::move(*stream), proxy, address, options.timeout);
  if (!tunnel) co_return fail(tunnel.error());
  if (address.transport != Transport::tls) co_return std::move(*tunnel);
  co_return co_await start_tls(std::move(*tunnel), address, options.tls, options.timeout);
}

Task<Result<std::unique_ptr<Stream>>> connect_direct(Address address, ConnectOptions options) {
  // Branches, not ?: with co_await: g++ 12 destroys temporaries of such an expression twice.
  Result<Socket> socket = fail(ErrorKind::internal, "not connected");
  if (address.transport == Transport::unix_socket) {
    socket = co_await connect_unix(address, options.timeout);
  } else {
    socket = co_await connect_tcp(address, options.timeout);
  }
  if (!socket) co_return fail(socket.error());
  co_return co_await secured(std::move(*socket), std::move(address), std::move(options));
}

}  // namespace

Task<Result<std::unique_ptr<Stream>>> connect(Address address, ConnectOptions options) {
  Result<std::unique_ptr<Stream>> stream = fail(ErrorKind::internal, "not connected");
  if (options.proxy && address.transport != Transport::unix_socket) {
    const Proxy proxy = *options.proxy;
    stream = co_await connect_through(proxy, address, options);
  } else {
    stream = co_await connect_direct(address, options);
  }
  if (!stream || !address.websocket) co_return std::move(stream);
  std::string path = address.path.empty() ? "/" : address.path;
  co_return co_await open_websocket(std::move(*stream), to_string(address), std::move(path),
                                    options.timeout);
}

Task<Result<std::unique_ptr<Stream>>> connect(Address address) {
  ConnectOptions options;
  return connect(std::move(address), std::move(options));
}

}  // namespace cassia::net
