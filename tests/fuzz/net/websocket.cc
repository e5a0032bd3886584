// SPDX-License-Identifier: Apache-2.0
// A connection that may be WebSocket: the first bytes, the HTTP request, then frames; or, as a
// client, a server's answer. Byte 0: bit 0 the role, the rest the size of the pieces.

#include "net/websocket.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace {

using namespace cassia;       // NOLINT(google-build-using-namespace)
using namespace cassia::net;  // NOLINT(google-build-using-namespace)

/// Gives the input in pieces; what is written is lost.
class InputStream final : public Stream {
 public:
  InputStream(Executor executor, ByteView input, std::size_t piece)
      : executor_(std::move(executor)), input_(input), piece_(piece) {}

  Task<Result<std::size_t>> read_some(MutableByteView buffer) override {
    co_await boost::asio::post(executor_, boost::asio::use_awaitable);
    if (!open_) co_return fail(ErrorKind::canceled, "closed");
    const std::size_t now = std::min({piece_, buffer.size(), input_.size()});
    std::copy_n(input_.begin(), now, buffer.begin());
    input_ = input_.subspan(now);
    co_return Result<std::size_t>{now};
  }
  Task<Result<void>> write(std::span<const SharedBytes>) override {
    co_await boost::asio::post(executor_, boost::asio::use_awaitable);
    if (!open_) co_return fail(ErrorKind::canceled, "closed");
    co_return Result<void>{};
  }
  void close() override { open_ = false; }
  bool is_open() const override { return open_; }
  std::string peer() const override { return "fuzzer"; }
  bool is_local() const override { return true; }
  Executor executor() const override { return executor_; }

 private:
  Executor executor_;
  ByteView input_;
  std::size_t piece_;
  bool open_ = true;
};

Task<> drain(std::unique_ptr<Stream> stream, bool as_server) {
  Result<std::unique_ptr<Stream>> open = fail(ErrorKind::internal, "not opened");
  if (as_server) {
    WebSocketServerOptions options;
    options.origins = {"https://console.example"};
    open = co_await accept_any(std::move(stream), std::move(options));
  } else {
    open = co_await open_websocket(std::move(stream), "vm:5900", "/", std::chrono::seconds(10));
  }
  if (!open) co_return;
  Bytes buffer(4096);
  for (;;) {
    const auto got = co_await (*open)->read_some(buffer);
    if (!got || *got == 0) co_return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  boost::asio::io_context io;
  auto stream = std::make_unique<InputStream>(io.get_executor(), ByteView(data + 1, size - 1),
                                              1 + (data[0] >> 1));
  boost::asio::co_spawn(io, drain(std::move(stream), (data[0] & 1) == 0), boost::asio::detached);
  io.run();
  return 0;
}
