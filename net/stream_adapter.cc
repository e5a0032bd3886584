// SPDX-License-Identifier: Apache-2.0
#include "net/stream_adapter.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>

namespace cassia::net {
namespace asio = boost::asio;

StreamDeadline::StreamDeadline(Stream& stream, Duration timeout)
    : state_(std::make_shared<State>(State{&stream})) {
  const auto timer = std::make_shared<asio::steady_timer>(stream.executor(), timeout);
  timer_ = timer;
  timer->async_wait([state = state_](const boost::system::error_code& ec) {
    if (ec || !state->stream) return;
    state->expired = true;
    state->stream->close();
  });
}

StreamDeadline::~StreamDeadline() { state_->stream = nullptr; }

Task<Result<std::size_t>> PrefixedStream::read_some(MutableByteView buffer) {
  if (given_ < prefix_.size()) {
    const std::size_t now = std::min(buffer.size(), prefix_.size() - given_);
    std::copy_n(prefix_.begin() + static_cast<long>(given_), now, buffer.begin());
    given_ += now;
    co_return Result<std::size_t>{now};
  }
  co_return co_await stream_->read_some(buffer);
}

Task<Result<std::size_t>> PrefixedStream::receive(MutableByteView buffer,
                                                  std::vector<FileDescriptor>& descriptors) {
  if (given_ < prefix_.size()) co_return co_await read_some(buffer);
  co_return co_await stream_->receive(buffer, descriptors);
}

}  // namespace cassia::net
