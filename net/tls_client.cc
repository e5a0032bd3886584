// SPDX-License-Identifier: Apache-2.0
#include "net/tls_client.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/stream_adapter.h"
#include "net/subject.h"

namespace cassia::net {
namespace asio = boost::asio;

namespace {

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

template <class AnyTls>
void set_verification(AnyTls& socket, const Address& address, const TlsClientOptions& options) {
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

Error handshake_error(SSL* ssl, const boost::system::error_code& ec, const Address& address) {
  const long verdict = SSL_get_verify_result(ssl);
  if (verdict != X509_V_OK) {
    return {ErrorKind::auth, fmt::format("{}: certificate not trusted: {}", to_string(address),
                                         X509_verify_cert_error_string(verdict))};
  }
  // A name that does not match fails the handshake with a good chain.
  if (ERR_GET_REASON(static_cast<unsigned long>(ec.value())) == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    return {ErrorKind::auth,
            fmt::format("{}: the certificate is not of this host", to_string(address))};
  }
  return {ErrorKind::io, fmt::format("{}: TLS: {}", to_string(address), ec.message())};
}

Error too_late(const Address& address) {
  return {ErrorKind::timeout, fmt::format("{}: no TLS handshake in time", to_string(address))};
}

using LayeredTls = asio::ssl::stream<StreamAdapter>;

/// TLS over a Stream that is no plain socket.
class LayeredTlsStream final : public Stream {
 public:
  LayeredTlsStream(std::shared_ptr<asio::ssl::context> context, std::unique_ptr<LayeredTls> socket)
      : context_(std::move(context)), socket_(std::move(socket)) {}

  Task<Result<std::size_t>> read_some(MutableByteView buffer) override {
    boost::system::error_code ec;
    const std::size_t size = co_await socket_->async_read_some(
        asio::buffer(buffer.data(), buffer.size()), asio::redirect_error(asio::use_awaitable, ec));
    if (ec == asio::error::eof || ec == asio::ssl::error::stream_truncated) {
      co_return Result<std::size_t>{std::size_t{0}};
    }
    if (ec) co_return fail(socket_error(ec, peer()));
    co_return Result<std::size_t>{size};
  }
  Task<Result<void>> write(std::span<const SharedBytes> pieces) override {
    for (const SharedBytes& piece : pieces) {
      for (std::size_t sent = 0; sent < piece.size();) {
        boost::system::error_code ec;
        sent += co_await socket_->async_write_some(
            asio::buffer(piece.data() + sent, piece.size() - sent),
            asio::redirect_error(asio::use_awaitable, ec));
        if (ec) co_return fail(socket_error(ec, peer()));
      }
    }
    co_return Result<void>{};
  }
  void close() override { below().close(); }
  bool is_open() const override { return below().is_open(); }
  std::string peer() const override { return below().peer(); }
  bool is_local() const override { return below().is_local(); }
  unsigned tls_bits() const override {
    const int bits = SSL_get_cipher_bits(socket_->native_handle(), nullptr);
    return bits > 0 ? static_cast<unsigned>(bits) : 0;
  }
  Executor executor() const override { return below().executor(); }

 private:
  Stream& below() const { return socket_->next_layer().stream(); }

  std::shared_ptr<asio::ssl::context> context_;
  std::unique_ptr<LayeredTls> socket_;
};

}  // namespace

Task<Result<std::unique_ptr<Stream>>> start_tls(Socket tcp_socket, const Address& address,
                                                const TlsClientOptions& options, Duration timeout) {
  auto context = client_context(options);
  if (!context) co_return fail(context.error());
  auto socket = std::make_unique<TlsSocket>(std::move(tcp_socket), **context);
  set_verification(*socket, address, options);
  boost::system::error_code ec;
  bool late = false;
  {
    Deadline deadline(socket->next_layer(), timeout);
    co_await socket->async_handshake(asio::ssl::stream_base::client,
                                     asio::redirect_error(asio::use_awaitable, ec));
    late = deadline.expired();
  }
  if (late) co_return fail(too_late(address));
  if (ec) co_return fail(handshake_error(socket->native_handle(), ec, address));
  co_return std::unique_ptr<Stream>(
      std::make_unique<TlsStream>(std::move(*context), std::move(socket)));
}

Task<Result<std::unique_ptr<Stream>>> start_tls(std::unique_ptr<Stream> stream,
                                                const Address& address,
                                                const TlsClientOptions& options, Duration timeout) {
  auto context = client_context(options);
  if (!context) co_return fail(context.error());
  Stream& below = *stream;
  auto socket = std::make_unique<LayeredTls>(StreamAdapter(std::move(stream)), **context);
  set_verification(*socket, address, options);
  boost::system::error_code ec;
  bool late = false;
  {
    StreamDeadline deadline(below, timeout);
    co_await socket->async_handshake(asio::ssl::stream_base::client,
                                     asio::redirect_error(asio::use_awaitable, ec));
    late = deadline.expired();
  }
  if (late) co_return fail(too_late(address));
  if (ec) co_return fail(handshake_error(socket->native_handle(), ec, address));
  co_return std::unique_ptr<Stream>(
      std::make_unique<LayeredTlsStream>(std::move(*context), std::move(socket)));
}

}  // namespace cassia::net
