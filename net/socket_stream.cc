// SPDX-License-Identifier: Apache-2.0
#include "net/socket_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/container/static_vector.hpp>
#include <cstring>

#include "net/descriptor_passing.h"

namespace cassia::net {
namespace asio = boost::asio;

namespace {

constexpr std::size_t max_gathered = 64;  // what Asio hands to one sendmsg
using Gathered = boost::container::static_vector<asio::const_buffer, max_gathered>;

/// The next buffers of `pieces` from piece `index`, of which `offset` bytes have left.
Gathered gather(std::span<const SharedBytes> pieces, std::size_t index, std::size_t offset,
                std::size_t batch) {
  Gathered out;
  for (; index < pieces.size() && out.size() < batch; ++index, offset = 0) {
    const ByteView rest = pieces[index].view().subspan(offset);
    if (!rest.empty()) out.emplace_back(rest.data(), rest.size());
  }
  return out;
}

/// At most `batch` pieces in one call.
template <class AnySocket>
Task<Result<void>> write_all(AnySocket& socket, std::span<const SharedBytes> pieces,
                             std::size_t batch, const PeerName& peer) {
  std::size_t index = 0;
  std::size_t offset = 0;
  for (;;) {
    const Gathered buffers = gather(pieces, index, offset, batch);
    if (buffers.empty()) co_return Result<void>{};
    boost::system::error_code ec;
    std::size_t sent =
        co_await socket.async_write_some(buffers, asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return fail(socket_error(ec, peer.name));
    while (index < pieces.size() && sent >= pieces[index].size() - offset) {
      sent -= pieces[index].size() - offset;
      offset = 0;
      ++index;
    }
    offset += sent;
  }
}

template <class AnySocket>
Task<Result<std::size_t>> read_from(AnySocket& socket, MutableByteView buffer,
                                    const PeerName& peer) {
  boost::system::error_code ec;
  const std::size_t size = co_await socket.async_read_some(
      asio::buffer(buffer.data(), buffer.size()), asio::redirect_error(asio::use_awaitable, ec));
  // Peers commonly close without a TLS close_notify; SPICE messages carry their own length.
  if (ec == asio::error::eof || ec == asio::ssl::error::stream_truncated) {
    co_return Result<std::size_t>{std::size_t{0}};
  }
  if (ec) co_return fail(socket_error(ec, peer.name));
  co_return Result<std::size_t>{size};
}

void close_socket(Socket& socket) {
  boost::system::error_code ignored;
  socket.shutdown(Socket::shutdown_both, ignored);
  socket.close(ignored);
}

}  // namespace

Task<Result<void>> Stream::send(std::span<const SharedBytes> pieces,
                                std::span<const PassedDescriptor> descriptors) {
  if (!descriptors.empty()) {
    co_return fail(ErrorKind::unsupported,
                   "{}: file descriptors travel over plain unix sockets only", peer());
  }
  co_return co_await write(pieces);
}

Error socket_error(const boost::system::error_code& ec, std::string_view what) {
  if (ec == asio::error::operation_aborted || ec == asio::error::bad_descriptor) {
    return {ErrorKind::canceled, fmt::format("{}: connection closed here", what)};
  }
  if (ec == asio::error::connection_reset || ec == asio::error::broken_pipe ||
      ec == asio::error::eof) {
    return {ErrorKind::closed, fmt::format("{}: {}", what, ec.message())};
  }
  if (ec.category() == boost::system::system_category()) {
    return errno_error(ec.value(), what);
  }
  return {ErrorKind::io, fmt::format("{}: {}", what, ec.message())};
}

PeerName peer_name(Socket& socket) {
  boost::system::error_code ec;
  const auto remote = socket.remote_endpoint(ec);
  if (ec) return {"a peer that has left", false};
  const int family = remote.protocol().family();
  if (family == AF_INET || family == AF_INET6) {
    asio::ip::tcp::endpoint endpoint;
    std::memcpy(endpoint.data(), remote.data(), std::min(remote.size(), endpoint.capacity()));
    const auto address = endpoint.address();
    return {to_string(Address{Transport::tcp, address.to_string(), endpoint.port(), {}}),
            address.is_loopback()};
  }
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    return {"unix", true, true};
  }
  return {fmt::format("unix (pid {}, uid {})", credentials.pid, credentials.uid), true, true};
}

void tune(Socket& socket) {
  boost::system::error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);  // fails on a unix socket: no matter
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  const auto set = [&socket](int option, int value) {
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, option, &value, sizeof value);
  };
  set(TCP_KEEPIDLE, 60);
  set(TCP_KEEPINTVL, 15);
  set(TCP_KEEPCNT, 4);
  // What has been written cannot be replaced by what is newer, so on a slow line the system is not given
  // megabytes ahead of it: only what is on its way, and this much to keep it busy.
  set(TCP_NOTSENT_LOWAT, 32 << 10);
}

Task<Result<std::size_t>> SocketStream::read_some(MutableByteView buffer) {
  co_return co_await read_from(socket_, buffer, peer_);
}

Task<Result<void>> SocketStream::write(std::span<const SharedBytes> pieces) {
  co_return co_await write_all(socket_, pieces, max_gathered, peer_);
}

Task<Result<std::size_t>> SocketStream::receive(MutableByteView buffer,
                                                std::vector<FileDescriptor>& descriptors) {
  if (!peer_.is_unix) co_return co_await read_from(socket_, buffer, peer_);
  for (;;) {
    const auto got = receive_with_descriptors(socket_.native_handle(), buffer, descriptors);
    if (got >= 0) co_return Result<std::size_t>{static_cast<std::size_t>(got)};
    const int error = errno;
    if (error == EINTR) continue;
    if (error != EAGAIN)
      co_return fail(socket_error({error, asio::error::get_system_category()}, peer_.name));
    boost::system::error_code ec;
    co_await socket_.async_wait(Socket::wait_read, asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return fail(socket_error(ec, peer_.name));
  }
}

Task<Result<void>> SocketStream::send(std::span<const SharedBytes> pieces,
                                      std::span<const PassedDescriptor> descriptors) {
  if (!descriptors.empty() && !peer_.is_unix) {
    co_return fail(ErrorKind::unsupported, "{}: file descriptors do not travel over TCP",
                   peer_.name);
  }
  std::size_t done = 0;
  for (const PassedDescriptor& passed : descriptors) {
    const SharedBytes& piece = pieces[passed.piece];
    auto before = co_await write(pieces.subspan(done, passed.piece - done));
    if (!before) co_return before;
    const auto sent = co_await send_descriptor(piece.view(), passed.descriptor->get());
    if (!sent) co_return fail(sent.error());
    const SharedBytes rest = piece.slice(*sent, piece.size() - *sent);
    auto behind = co_await write({&rest, 1});
    if (!behind) co_return behind;
    done = passed.piece + 1;
  }
  co_return co_await write(pieces.subspan(done));
}

/// How many bytes of `piece` have left with the descriptor.
Task<Result<std::size_t>> SocketStream::send_descriptor(ByteView piece, int descriptor) {
  for (;;) {
    const auto sent = send_with_descriptor(socket_.native_handle(), piece, descriptor);
    if (sent >= 0) co_return Result<std::size_t>{static_cast<std::size_t>(sent)};
    const int error = errno;
    if (error == EINTR) continue;
    if (error != EAGAIN)
      co_return fail(socket_error({error, asio::error::get_system_category()}, peer_.name));
    boost::system::error_code ec;
    co_await socket_.async_wait(Socket::wait_write, asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return fail(socket_error(ec, peer_.name));
  }
}

void SocketStream::close() {
  if (std::exchange(closed_, true)) return;
  close_socket(socket_);
}

Task<Result<std::size_t>> TlsStream::read_some(MutableByteView buffer) {
  if (closed_) co_return fail(ErrorKind::canceled, "{}: connection closed here", peer_.name);
  co_return co_await read_from(*socket_, buffer, peer_);
}

Task<Result<void>> TlsStream::write(std::span<const SharedBytes> pieces) {
  if (closed_) co_return fail(ErrorKind::canceled, "{}: connection closed here", peer_.name);
  // A TLS record for each piece, as libspice-server does it: spice-gtk waits for the socket, not
  // for what its TLS library has decrypted already, so a message that shares a record with the end
  // of the one before would lie unread there until more bytes come.
  co_return co_await write_all(*socket_, pieces, 1, peer_);
}

unsigned TlsStream::tls_bits() const {
  const int bits = SSL_get_cipher_bits(socket_->native_handle(), nullptr);
  return bits > 0 ? static_cast<unsigned>(bits) : 0;
}

void TlsStream::close() {
  if (std::exchange(closed_, true)) return;
  close_socket(socket_->next_layer());
}

Deadline::Deadline(Socket& socket, Duration timeout)
    : state_(std::make_shared<State>(State{&socket})), timer_(socket.get_executor(), timeout) {
  // The handler may already be queued when the Deadline goes: it shares the state, not the object.
  timer_.async_wait([state = state_](const boost::system::error_code& ec) {
    if (ec || !state->socket) return;
    state->expired = true;
    boost::system::error_code ignored;
    state->socket->close(ignored);
  });
}

Deadline::~Deadline() { state_->socket = nullptr; }

}  // namespace cassia::net
