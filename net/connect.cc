// SPDX-License-Identifier: Apache-2.0
// Client side: TCP, unix socket, TLS.

#include <sys/un.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/socket_stream.h"
#include "net/subject.h"

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

Result<std::shared_ptr<asio::ssl::context>> client_context(const TlsClientOptions& options) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  boost::system::error_code ec;
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  if (!options.verify) {
    context->set_verify_mode(asio::ssl::verify_none, ec);
    return context;
  }
  context->set_verify_mode(asio::ssl::verify_peer, ec);
  std::string source = "the system";
  if (!options.ca_file.empty()) {
    source = options.ca_file;
    context->load_verify_file(options.ca_file, ec);
  } else if (!options.ca_pem.empty()) {
    source = "the connection file";
    context->add_certificate_authority(asio::buffer(options.ca_pem), ec);
  } else {
    context->set_default_verify_paths(ec);
  }
  if (ec) {
    return fail(ErrorKind::invalid_argument, "cannot use the certificates of {}: {}", source,
                ec.message());
  }
  return context;
}

void set_verification(TlsSocket& socket, const Address& address, const TlsClientOptions& options) {
  SSL_set_tlsext_host_name(socket.native_handle(), address.host.c_str());
  if (!options.verify) return;
  if (options.host_subject.empty()) {
    socket.set_verify_callback(asio::ssl::host_name_verification(address.host));
    return;
  }
  socket.set_verify_callback(
      [wanted = options.host_subject](bool chain_is_good, asio::ssl::verify_context& check) {
        X509_STORE_CTX* store = check.native_handle();
        if (X509_STORE_CTX_get_error_depth(store) > 0 || !chain_is_good) return chain_is_good;
        return subject_matches(X509_STORE_CTX_get_current_cert(store), wanted);
      });
}

Task<Result<std::unique_ptr<Stream>>> start_tls(Socket tcp_socket, const Address& address,
                                                const ConnectOptions& options) {
  auto context = client_context(options.tls);
  if (!context) co_return fail(context.error());
  auto socket = std::make_unique<TlsSocket>(std::move(tcp_socket), **context);
  set_verification(*socket, address, options.tls);
  boost::system::error_code ec;
  bool late = false;
  {
    Deadline deadline(socket->next_layer(), options.timeout);
    co_await socket->async_handshake(asio::ssl::stream_base::client,
                                     asio::redirect_error(asio::use_awaitable, ec));
    late = deadline.expired();
  }
  if (late) co_return fail(ErrorKind::timeout, "{}: no TLS handshake in time", to_string(address));
  if (!ec) {
    co_return std::unique_ptr<Stream>(
        std::make_unique<TlsStream>(std::move(*context), std::move(socket)));
  }
  const long verdict = SSL_get_verify_result(socket->native_handle());
  if (verdict != X509_V_OK) {
    co_return fail(ErrorKind::auth, "{}: certificate not trusted: {}", to_string(address),
                   X509_verify_cert_error_string(verdict));
  }
  // A name that does not match fails the handshake with a good chain.
  if (ERR_GET_REASON(static_cast<unsigned long>(ec.value())) == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    co_return fail(ErrorKind::auth, "{}: the certificate is not of this host", to_string(address));
  }
  co_return fail(ErrorKind::io, "{}: TLS: {}", to_string(address), ec.message());
}

}  // namespace

Task<Result<std::unique_ptr<Stream>>> connect(Address address, ConnectOptions options) {
  // Branches, not ?: with co_await: g++ 12 destroys temporaries of such an expression twice.
  Result<Socket> socket = fail(ErrorKind::internal, "not connected");
  if (address.transport == Transport::unix_socket) {
    socket = co_await connect_unix(address, options.timeout);
  } else {
    socket = co_await connect_tcp(address, options.timeout);
  }
  if (!socket) co_return fail(socket.error());
  if (address.transport == Transport::tls) {
    co_return co_await start_tls(std::move(*socket), address, options);
  }
  co_return std::unique_ptr<Stream>(std::make_unique<SocketStream>(std::move(*socket)));
}

Task<Result<std::unique_ptr<Stream>>> connect(Address address) {
  ConnectOptions options;
  return connect(std::move(address), std::move(options));
}

}  // namespace cassia::net
