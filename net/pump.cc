// SPDX-License-Identifier: Apache-2.0
#include "net/pump.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>

namespace cassia::net {
namespace asio = boost::asio;

namespace {

constexpr std::size_t read_size = 64 * 1024;
constexpr auto flush_time = std::chrono::seconds(2);
/// How often a pump that does not read looks whether its stream was closed under it.
constexpr auto paused_look = std::chrono::milliseconds(250);

/// Something to wait for and to set, on one thread.
class Signal {
 public:
  explicit Signal(const Executor& executor)
      : timer_(executor, asio::steady_timer::time_point::max()) {}

  void set() {
    set_ = true;
    timer_.cancel();
  }
  Task<> wait(asio::steady_timer::duration limit = asio::steady_timer::duration::max()) {
    if (!set_) {
      using Timer = asio::steady_timer;
      timer_.expires_at(limit == Timer::duration::max() ? Timer::time_point::max()
                                                        : Timer::clock_type::now() + limit);
      boost::system::error_code ignored;
      co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    set_ = false;
  }

 private:
  asio::steady_timer timer_;
  bool set_ = false;
};

class Pump : public std::enable_shared_from_this<Pump> {
 public:
  Pump(Stream& stream, Endpoint& endpoint, const Clock& clock)
      : stream_(stream),
        endpoint_(endpoint),
        clock_(clock),
        may_write_(stream.executor()),
        may_read_(stream.executor()),
        flush_timer_(stream.executor()) {}

  Task<Error> run() {
    using namespace asio::experimental::awaitable_operators;
    endpoint_.set_wake([this] { woken(); });
    co_await (reading() && writing());
    endpoint_.set_wake(nullptr);
    flush_timer_.cancel();
    stream_.close();
    endpoint_.closed(*why_);
    co_return *why_;
  }

 private:
  void woken() {
    may_write_.set();
    if (!endpoint_.reading_paused()) may_read_.set();
    if (endpoint_.finished()) start_flush_limit();
  }

  /// Notes why it is over; what is still to be written has flush_time to leave.
  void end(Error why) {
    if (!why_) why_ = std::move(why);
    may_write_.set();
    may_read_.set();
    start_flush_limit();
  }

  void start_flush_limit() {
    if (std::exchange(flushing_, true)) return;
    flush_timer_.expires_after(flush_time);
    flush_timer_.async_wait([self = weak_from_this()](const boost::system::error_code& ec) {
      const auto pump = self.lock();
      if (!ec && pump) pump->stream_.close();
    });
  }

  Task<Result<std::size_t>> read(MutableByteView buffer, std::vector<FileDescriptor>& descriptors) {
    if (endpoint_.takes_descriptors()) return stream_.receive(buffer, descriptors);
    return stream_.read_some(buffer);
  }

  Task<> reading() {
    std::vector<std::uint8_t> buffer(read_size);
    while (!why_) {
      if (endpoint_.reading_paused()) {
        co_await may_read_.wait(paused_look);
        if (!stream_.is_open() && !why_) {
          end(Error(ErrorKind::canceled, stream_.peer() + ": connection closed here"));
        }
        continue;
      }
      std::vector<FileDescriptor> descriptors;
      const auto got = co_await read(buffer, descriptors);
      if (why_) break;
      if (!descriptors.empty()) endpoint_.receive_descriptors(std::move(descriptors));
      if (!got) {
        end(got.error());
      } else if (*got == 0) {
        end(Error(ErrorKind::closed, stream_.peer() + ": closed by the peer"));
      } else if (auto taken = endpoint_.receive({buffer.data(), *got}, clock_.now()); !taken) {
        end(taken.error());
      }
      may_write_.set();
    }
  }

  Task<> writing() {
    for (;;) {
      const std::vector<SharedBytes> pieces = endpoint_.take_output();
      if (pieces.empty()) {
        if (endpoint_.finished()) end(Error(ErrorKind::closed, stream_.peer() + ": finished"));
        if (why_) break;
        co_await may_write_.wait();
        continue;
      }
      const std::vector<PassedDescriptor> descriptors = endpoint_.take_descriptors();
      const auto done = co_await stream_.send(pieces, descriptors);
      if (!done) {
        end(done.error());
        break;
      }
      std::size_t size = 0;
      for (const auto& piece : pieces) size += piece.size();
      endpoint_.written(size);
    }
    stream_.close();  // ends the waiting read
  }

  Stream& stream_;
  Endpoint& endpoint_;
  const Clock& clock_;
  Signal may_write_;
  Signal may_read_;
  asio::steady_timer flush_timer_;
  bool flushing_ = false;
  std::optional<Error> why_;
};

}  // namespace

Task<Error> pump(Stream& stream, Endpoint& endpoint, const Clock& clock) {
  const auto job = std::make_shared<Pump>(stream, endpoint, clock);
  co_return co_await job->run();
}

}  // namespace cassia::net
