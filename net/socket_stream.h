// SPDX-License-Identifier: Apache-2.0
#pragma once

// Internal to net/: the Stream over a socket (TCP and unix alike) and the one over TLS.

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <vector>

#include "net/stream.h"

namespace cassia::net {

using Socket = boost::asio::generic::stream_protocol::socket;
using TlsSocket = boost::asio::ssl::stream<Socket>;

/// The Error of a failed socket operation: canceled, closed, or io with the system's words.
Error socket_error(const boost::system::error_code& ec, std::string_view what);

/// Who is at the other end: an IP address and port, or a process by its credentials.
struct PeerName {
  std::string name;
  bool is_local = false;
  bool is_unix = false;
};
PeerName peer_name(Socket& socket);

/// TCP_NODELAY on TCP sockets: every message that is written is wanted now. Keep-alive probes find
/// out within two minutes that a silent peer's machine is gone: the keys it held are let go.
void tune(Socket& socket);

/// A Stream over a connected socket. Takes the socket.
class SocketStream final : public Stream {
 public:
  explicit SocketStream(Socket socket) : socket_(std::move(socket)), peer_(peer_name(socket_)) {}

  Task<Result<std::size_t>> read_some(MutableByteView buffer) override;
  Task<Result<void>> write(std::span<const SharedBytes> pieces) override;
  bool carries_descriptors() const override { return peer_.is_unix; }
  Task<Result<std::size_t>> receive(MutableByteView buffer,
                                    std::vector<FileDescriptor>& descriptors) override;
  Task<Result<void>> send(std::span<const SharedBytes> pieces,
                          std::span<const PassedDescriptor> descriptors) override;
  void close() override;
  bool is_open() const override { return !closed_; }
  std::string peer() const override { return peer_.name; }
  bool is_local() const override { return peer_.is_local; }
  bool is_unix() const override { return peer_.is_unix; }
  Executor executor() const override { return const_cast<Socket&>(socket_).get_executor(); }

  /// Leaves this object without a socket: TLS takes it over.
  Socket release() { return std::move(socket_); }

 private:
  Task<Result<std::size_t>> send_descriptor(ByteView piece, int descriptor);

  Socket socket_;
  PeerName peer_;
  bool closed_ = false;
};

/// A Stream over a TLS connection whose handshake is done.
class TlsStream final : public Stream {
 public:
  TlsStream(std::shared_ptr<boost::asio::ssl::context> context, std::unique_ptr<TlsSocket> socket)
      : context_(std::move(context)),
        socket_(std::move(socket)),
        peer_(peer_name(socket_->next_layer())) {}

  Task<Result<std::size_t>> read_some(MutableByteView buffer) override;
  Task<Result<void>> write(std::span<const SharedBytes> pieces) override;
  void close() override;
  bool is_open() const override { return !closed_; }
  std::string peer() const override { return peer_.name; }
  bool is_local() const override { return peer_.is_local; }
  unsigned tls_bits() const override;
  Executor executor() const override { return socket_->next_layer().get_executor(); }

 private:
  std::shared_ptr<boost::asio::ssl::context> context_;
  std::unique_ptr<TlsSocket> socket_;
  PeerName peer_;
  bool closed_ = false;
};

/// Closes a socket when time is over, unless it goes out of scope before. The socket must outlive
/// it.
class Deadline {
 public:
  Deadline(Socket& socket, Duration timeout);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  bool expired() const { return state_->expired; }

 private:
  struct State {
    Socket* socket;
    bool expired = false;
  };
  std::shared_ptr<State> state_;
  boost::asio::steady_timer timer_;
};

}  // namespace cassia::net
