// SPDX-License-Identifier: Apache-2.0
#include "net/websocket.h"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/role.hpp>

// How Beast ends a connection over our adapter: found by its argument, so before its headers.
#include "net/stream_adapter.h"
namespace cassia::net {
inline void teardown(boost::beast::role_type, StreamAdapter& adapter,
                     boost::system::error_code& ec) {
  adapter.stream().close();
  ec = {};
}
inline void beast_close_socket(StreamAdapter& adapter) { adapter.stream().close(); }
template <class Handler>
void async_teardown(boost::beast::role_type, StreamAdapter& adapter, Handler&& handler) {
  adapter.stream().close();
  boost::asio::post(adapter.get_executor(), [handler = std::forward<Handler>(handler)]() mutable {
    std::move(handler)(boost::system::error_code());
  });
}
}  // namespace cassia::net

#include <boost/asio/post.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

namespace cassia::net {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using WebSocket = beast::websocket::stream<StreamAdapter, false>;  // no compression

namespace {

constexpr const char* subprotocol = "binary";
constexpr unsigned largest_head = 8192;
/// Of one message, however it is cut into frames. Nothing of it is collected here.
constexpr std::size_t largest_message = std::size_t{256} << 20;

class WebSocketStream final : public Stream {
 public:
  explicit WebSocketStream(std::unique_ptr<WebSocket> socket) : socket_(std::move(socket)) {
    socket_->binary(true);
    socket_->read_message_max(largest_message);
    socket_->auto_fragment(false);
  }

  Task<Result<std::size_t>> read_some(MutableByteView buffer) override {
    for (;;) {
      boost::system::error_code ec;
      const std::size_t size =
          co_await socket_->async_read_some(asio::buffer(buffer.data(), buffer.size()),
                                            asio::redirect_error(asio::use_awaitable, ec));
      if (ec == beast::websocket::error::closed || ec == asio::error::eof) {
        co_return Result<std::size_t>{std::size_t{0}};
      }
      if (ec) co_return fail(error(ec));
      if (size > 0) co_return Result<std::size_t>{size};  // an empty message is no end
    }
  }

  Task<Result<void>> write(std::span<const SharedBytes> pieces) override {
    std::vector<asio::const_buffer> buffers;
    for (const SharedBytes& piece : pieces) {
      if (!piece.empty()) buffers.emplace_back(piece.data(), piece.size());
    }
    if (buffers.empty()) co_return Result<void>{};
    boost::system::error_code ec;
    co_await socket_->async_write(buffers, asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return fail(error(ec));
    co_return Result<void>{};
  }

  void close() override { below().close(); }
  bool is_open() const override { return below().is_open(); }
  std::string peer() const override { return below().peer(); }
  bool is_local() const override { return below().is_local(); }
  bool is_unix() const override { return below().is_unix(); }
  unsigned tls_bits() const override { return below().tls_bits(); }
  Executor executor() const override { return below().executor(); }

 private:
  Stream& below() { return socket_->next_layer().stream(); }
  const Stream& below() const { return socket_->next_layer().stream(); }
  Error error(const boost::system::error_code& ec) const {
    if (ec == asio::error::operation_aborted || !below().is_open()) {
      return {ErrorKind::canceled, fmt::format("{}: connection closed here", peer())};
    }
    const bool gone = ec == asio::error::connection_reset || ec == asio::error::broken_pipe;
    return {gone ? ErrorKind::closed : ErrorKind::malformed,
            fmt::format("{}: WebSocket: {}", peer(), ec.message())};
  }

  std::unique_ptr<WebSocket> socket_;
};

/// A list of a header ("chat, binary") holds the name.
bool lists(std::string_view list, std::string_view name) {
  for (const auto& token : http::token_list(beast::string_view(list.data(), list.size()))) {
    if (beast::iequals(token, beast::string_view(name.data(), name.size()))) return true;
  }
  return false;
}

std::string_view header(const http::request<http::empty_body>& request, http::field field) {
  const auto value = request[field];
  return {value.data(), value.size()};
}

/// Why a request is not let in; the status for the client and the words for the log.
struct Refusal {
  http::status status;
  std::string why;
};

std::optional<Refusal> refusal_of(const http::request<http::empty_body>& request,
                                  const WebSocketServerOptions& options) {
  if (!beast::websocket::is_upgrade(request)) {
    return Refusal{http::status::upgrade_required, "an HTTP request that asks for no WebSocket"};
  }
  const auto wanted = header(request, http::field::sec_websocket_protocol);
  if (!wanted.empty() && !lists(wanted, subprotocol)) {
    return Refusal{http::status::bad_request, "a WebSocket without the subprotocol 'binary'"};
  }
  const std::string origin(header(request, http::field::origin));
  if (!origin.empty() && !options.origins.empty() &&
      std::find(options.origins.begin(), options.origins.end(), origin) == options.origins.end()) {
    return Refusal{http::status::forbidden, "a web page of " + origin + ", which is not let in"};
  }
  return std::nullopt;
}

Task<Result<std::unique_ptr<Stream>>> serve_websocket(std::unique_ptr<Stream> stream, Bytes first,
                                                      WebSocketServerOptions options) {
  const std::string peer = stream->peer();
  Stream& below = *stream;
  auto socket = std::make_unique<WebSocket>(std::move(stream));
  beast::flat_buffer buffer(largest_head);
  buffer.commit(asio::buffer_copy(buffer.prepare(first.size()), asio::buffer(first)));
  http::request_parser<http::empty_body> parser;
  parser.header_limit(largest_head);
  boost::system::error_code ec;
  StreamDeadline deadline(below, options.timeout);
  co_await http::async_read_header(socket->next_layer(), buffer, parser,
                                   asio::redirect_error(asio::use_awaitable, ec));
  if (deadline.expired()) co_return fail(ErrorKind::timeout, "{}: no HTTP request in time", peer);
  if (ec) co_return fail(ErrorKind::malformed, "{}: HTTP request: {}", peer, ec.message());
  const http::request<http::empty_body> request = parser.release();
  if (const auto refusal = refusal_of(request, options)) {
    http::response<http::string_body> answer(refusal->status, 11);
    answer.set(http::field::connection, "close");
    answer.set(http::field::upgrade, "websocket");
    answer.set(http::field::content_type, "text/plain");
    answer.body() = "This port speaks SPICE, over TCP and over WebSocket.\n";
    answer.prepare_payload();
    co_await http::async_write(socket->next_layer(), answer,
                               asio::redirect_error(asio::use_awaitable, ec));
    co_return fail(ErrorKind::malformed, "{}: {}", peer, refusal->why);
  }
  const bool named = !header(request, http::field::sec_websocket_protocol).empty();
  socket->set_option(
      beast::websocket::stream_base::decorator([named](beast::websocket::response_type& answer) {
        if (named) answer.set(http::field::sec_websocket_protocol, subprotocol);
      }));
  if (buffer.size() > 0) {
    co_return fail(ErrorKind::malformed, "{}: data before the WebSocket is open", peer);
  }
  co_await socket->async_accept(request, asio::redirect_error(asio::use_awaitable, ec));
  if (deadline.expired()) co_return fail(ErrorKind::timeout, "{}: WebSocket: too slow", peer);
  if (ec) co_return fail(ErrorKind::malformed, "{}: WebSocket: {}", peer, ec.message());
  co_return std::unique_ptr<Stream>(std::make_unique<WebSocketStream>(std::move(socket)));
}

}  // namespace

Task<Result<std::unique_ptr<Stream>>> accept_any(std::unique_ptr<Stream> stream,
                                                 WebSocketServerOptions options) {
  constexpr std::string_view request = "GET ";
  const std::string peer = stream->peer();
  Bytes first;
  {
    StreamDeadline deadline(*stream, options.timeout);
    // Up to the byte that decides.
    while (first.size() < request.size() && request.starts_with(as_text(first))) {
      std::uint8_t more[4];
      const auto got = co_await stream->read_some({more, request.size() - first.size()});
      if (deadline.expired()) co_return fail(ErrorKind::timeout, "{}: says nothing", peer);
      if (!got) co_return fail(got.error());
      if (*got == 0) co_return fail(ErrorKind::closed, "{}: closed by the peer", peer);
      first.insert(first.end(), more, more + *got);
    }
  }
  if (as_text(first) != request) {
    co_return std::unique_ptr<Stream>(
        std::make_unique<PrefixedStream>(std::move(first), std::move(stream)));
  }
  co_return co_await serve_websocket(std::move(stream), std::move(first), std::move(options));
}

Task<Result<std::unique_ptr<Stream>>> open_websocket(std::unique_ptr<Stream> stream,
                                                     std::string host, std::string path,
                                                     Duration timeout) {
  Stream& below = *stream;
  auto socket = std::make_unique<WebSocket>(std::move(stream));
  socket->set_option(
      beast::websocket::stream_base::decorator([](beast::websocket::request_type& request) {
        request.set(http::field::sec_websocket_protocol, subprotocol);
      }));
  boost::system::error_code ec;
  beast::websocket::response_type answer;
  StreamDeadline deadline(below, timeout);
  co_await socket->async_handshake(answer, host, path,
                                   asio::redirect_error(asio::use_awaitable, ec));
  if (deadline.expired()) {
    co_return fail(ErrorKind::timeout, "{}: no answer to the WebSocket request in time", host);
  }
  if (ec == beast::websocket::error::upgrade_declined) {
    co_return fail(ErrorKind::unsupported, "{}: speaks no WebSocket at {} (HTTP status {})", host,
                   path, answer.result_int());
  }
  if (ec) co_return fail(ErrorKind::malformed, "{}: WebSocket: {}", host, ec.message());
  co_return std::unique_ptr<Stream>(std::make_unique<WebSocketStream>(std::move(socket)));
}

}  // namespace cassia::net
