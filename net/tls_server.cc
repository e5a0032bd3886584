// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/socket_stream.h"

namespace cassia::net {
namespace asio = boost::asio;

namespace {

class OpensslServer final : public TlsServer {
 public:
  explicit OpensslServer(std::shared_ptr<asio::ssl::context> context)
      : context_(std::move(context)) {}

  Task<Result<std::unique_ptr<Stream>>> handshake(std::unique_ptr<Stream> tcp,
                                                  Duration timeout) override {
    auto* plain = dynamic_cast<SocketStream*>(tcp.get());
    if (!plain) {
      co_return fail(ErrorKind::internal, "TLS over something that is not a plain socket");
    }
    const std::string peer = plain->peer();
    auto socket = std::make_unique<TlsSocket>(plain->release(), *context_);
    boost::system::error_code ec;
    bool late = false;
    {
      Deadline deadline(socket->next_layer(), timeout);
      co_await socket->async_handshake(asio::ssl::stream_base::server,
                                       asio::redirect_error(asio::use_awaitable, ec));
      late = deadline.expired();
    }
    if (late) co_return fail(ErrorKind::timeout, "{}: no TLS handshake in time", peer);
    if (ec) co_return fail(ErrorKind::io, "{}: TLS: {}", peer, ec.message());
    co_return std::unique_ptr<Stream>(std::make_unique<TlsStream>(context_, std::move(socket)));
  }

 private:
  std::shared_ptr<asio::ssl::context> context_;
};

}  // namespace

Result<std::unique_ptr<TlsServer>> TlsServer::create(const TlsServerFiles& files) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  boost::system::error_code ec;
  context->use_certificate_chain_file(files.certificate, ec);
  if (ec) {
    return fail(ErrorKind::invalid_argument, "certificate {}: {}", files.certificate, ec.message());
  }
  context->use_private_key_file(files.key, asio::ssl::context::pem, ec);
  if (ec) return fail(ErrorKind::invalid_argument, "key {}: {}", files.key, ec.message());
  return std::unique_ptr<TlsServer>(std::make_unique<OpensslServer>(std::move(context)));
}

}  // namespace cassia::net
