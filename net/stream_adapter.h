// SPDX-License-Identifier: Apache-2.0
#pragma once

// Internal to net/: a Stream as what Asio and Beast call an AsyncStream, so that TLS and WebSocket
// can be laid over any of ours (TLS through a proxy that is reached over TLS itself; WebSocket over
// TLS).

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <memory>

#include "net/stream.h"

namespace cassia::net {

class StreamAdapter {
 public:
  using executor_type = Executor;
  using lowest_layer_type = StreamAdapter;

  explicit StreamAdapter(std::unique_ptr<Stream> stream) : stream_(std::move(stream)) {}

  executor_type get_executor() const noexcept { return stream_->executor(); }
  lowest_layer_type& lowest_layer() { return *this; }
  Stream& stream() { return *stream_; }
  const Stream& stream() const { return *stream_; }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    const boost::asio::mutable_buffer first = first_of<boost::asio::mutable_buffer>(buffers);
    return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
        [this, first](auto handler) { spawn(read(first), std::move(handler)); }, token);
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    std::vector<SharedBytes> pieces = pieces_of(buffers);
    return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
        [this](auto handler, std::vector<SharedBytes> borrowed) {
          spawn(write(std::move(borrowed)), std::move(handler));
        },
        token, std::move(pieces));
  }

 private:
  struct Done {
    boost::system::error_code ec;
    std::size_t bytes = 0;
  };

  template <class Buffer, class Buffers>
  static Buffer first_of(const Buffers& buffers) {
    for (auto at = boost::asio::buffer_sequence_begin(buffers);
         at != boost::asio::buffer_sequence_end(buffers); ++at) {
      const Buffer buffer(*at);
      if (buffer.size() > 0) return buffer;
    }
    return {};
  }

  /// A few small buffers become one: TLS below makes a record of each piece, and a peer that reads
  /// a request or a frame's head in one read (libspice-server) would see its first part only.
  template <class Buffers>
  static std::vector<SharedBytes> pieces_of(const Buffers& buffers) {
    constexpr std::size_t small = 16 * 1024;
    std::vector<SharedBytes> pieces;
    std::size_t size = 0;
    for (auto at = boost::asio::buffer_sequence_begin(buffers);
         at != boost::asio::buffer_sequence_end(buffers); ++at) {
      const boost::asio::const_buffer buffer(*at);
      if (buffer.size() == 0) continue;
      size += buffer.size();
      pieces.emplace_back(nullptr,
                          ByteView(static_cast<const std::uint8_t*>(buffer.data()), buffer.size()));
    }
    if (pieces.size() < 2 || size > small) return pieces;
    Bytes all;
    all.reserve(size);
    for (const SharedBytes& piece : pieces) {
      all.insert(all.end(), piece.view().begin(), piece.view().end());
    }
    pieces.clear();
    pieces.emplace_back(std::move(all));
    return pieces;
  }

  static boost::system::error_code code_of(const Error& error) {
    return error.kind() == ErrorKind::canceled ? boost::asio::error::operation_aborted
                                               : boost::asio::error::connection_reset;
  }

  Task<Done> read(boost::asio::mutable_buffer buffer) {
    if (buffer.size() == 0) co_return Done{};
    const auto got =
        co_await stream_->read_some({static_cast<std::uint8_t*>(buffer.data()), buffer.size()});
    if (!got) co_return Done{code_of(got.error()), 0};
    if (*got == 0) co_return Done{boost::asio::error::eof, 0};
    co_return Done{{}, *got};
  }

  Task<Done> write(std::vector<SharedBytes> pieces) {
    std::size_t size = 0;
    for (const SharedBytes& piece : pieces) size += piece.size();
    const auto done = co_await stream_->write(pieces);
    if (!done) co_return Done{code_of(done.error()), 0};
    co_return Done{{}, size};
  }

  template <class Handler>
  void spawn(Task<Done> task, Handler handler) {
    const auto executor = boost::asio::get_associated_executor(handler, get_executor());
    boost::asio::co_spawn(
        get_executor(), std::move(task),
        boost::asio::bind_executor(
            executor, [handler = std::move(handler)](std::exception_ptr, Done done) mutable {
              std::move(handler)(done.ec, done.bytes);
            }));
  }

  std::unique_ptr<Stream> stream_;
};

/// Closes a stream when time is over, unless it goes out of scope before. The stream must outlive
/// it.
class StreamDeadline {
 public:
  StreamDeadline(Stream& stream, Duration timeout);
  ~StreamDeadline();
  StreamDeadline(const StreamDeadline&) = delete;
  StreamDeadline& operator=(const StreamDeadline&) = delete;
  bool expired() const { return state_->expired; }

 private:
  struct State {
    Stream* stream;
    bool expired = false;
  };
  std::shared_ptr<State> state_;
  std::shared_ptr<void> timer_;
};

/// A Stream whose first bytes were read already.
class PrefixedStream final : public Stream {
 public:
  PrefixedStream(Bytes prefix, std::unique_ptr<Stream> stream)
      : prefix_(std::move(prefix)), stream_(std::move(stream)) {}

  Task<Result<std::size_t>> read_some(MutableByteView buffer) override;
  Task<Result<void>> write(std::span<const SharedBytes> pieces) override {
    return stream_->write(pieces);
  }
  bool carries_descriptors() const override { return stream_->carries_descriptors(); }
  Task<Result<std::size_t>> receive(MutableByteView buffer,
                                    std::vector<FileDescriptor>& descriptors) override;
  Task<Result<void>> send(std::span<const SharedBytes> pieces,
                          std::span<const PassedDescriptor> descriptors) override {
    return stream_->send(pieces, descriptors);
  }
  void close() override { stream_->close(); }
  bool is_open() const override { return stream_->is_open(); }
  std::string peer() const override { return stream_->peer(); }
  bool is_local() const override { return stream_->is_local(); }
  bool is_unix() const override { return stream_->is_unix(); }
  unsigned tls_bits() const override { return stream_->tls_bits(); }
  Executor executor() const override { return stream_->executor(); }

 private:
  Bytes prefix_;
  std::size_t given_ = 0;
  std::unique_ptr<Stream> stream_;
};

}  // namespace cassia::net
