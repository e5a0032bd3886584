// SPDX-License-Identifier: Apache-2.0
#include "tests/replay/replay_server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <set>

#include "base/log.h"
#include "channels/link/server_connection.h"
#include "net/pump.h"

namespace cassia::test {
namespace {

namespace asio = boost::asio;
constexpr auto component = "replay";
constexpr auto tick = std::chrono::milliseconds(2);

/// When a message of the tape is due.
class Pace {
 public:
  Pace(const Clock& clock, const SessionTape& tape, double speed)
      : clock_(clock), begin_(tape.display_begin), speed_(speed) {}
  void display_opened() {
    if (!base_) base_ = clock_.now();
  }
  bool due(std::chrono::nanoseconds time) const {
    if (speed_ == 0 || time <= begin_) return true;
    if (!base_) return false;
    const auto wait = std::chrono::duration<double>(time - begin_) / speed_;
    return clock_.now() >= *base_ + std::chrono::duration_cast<Duration>(wait);
  }

 private:
  const Clock& clock_;
  std::chrono::nanoseconds begin_;
  double speed_;
  std::optional<TimePoint> base_;
};

class ReplayChannel final : public channels::Channel {
 public:
  ReplayChannel(const TapeChannel& tape, std::shared_ptr<Pace> pace,
                std::set<ReplayChannel*>& playing)
      : tape_(tape), pace_(std::move(pace)), playing_(playing) {}
  ~ReplayChannel() override { playing_.erase(this); }

  void on_open() override {
    if (tape_.info.channel.type == spice::ChannelType::display) pace_->display_opened();
    playing_.insert(this);
    play();
  }
  Result<void> on_message(std::uint16_t, ByteView, TimePoint) override { return {}; }
  void on_writable() override { play(); }
  void on_closed(const Error&) override { playing_.erase(this); }

  void play() {
    while (next_ < tape_.messages.size() && link()->writable()) {
      const TapeMessage& message = tape_.messages[next_];
      if (!pace_->due(message.time)) return;
      ++next_;
      link()->send(message.type, {message.body});
    }
  }

 private:
  const TapeChannel& tape_;
  std::shared_ptr<Pace> pace_;
  std::set<ReplayChannel*>& playing_;
  std::size_t next_ = 0;
};

class Server final : public ReplayServer, public channels::LinkPolicy {
 public:
  Server(net::Executor executor, const Clock& clock, const SessionTape& tape, ReplayOptions options,
         std::unique_ptr<net::Listener> listener, std::shared_ptr<const channels::TicketKey> key)
      : executor_(executor),
        clock_(clock),
        tape_(tape),
        options_(options),
        listener_(std::move(listener)),
        key_(std::move(key)),
        timer_(executor) {}

  net::Address address() const override { return listener_->address(); }
  void start() override {
    asio::co_spawn(executor_, accept_all(), asio::detached);
    if (options_.speed > 0) arm();
  }

  const channels::TicketKey& ticket_key() const override { return *key_; }
  spice::Capabilities capabilities(spice::ChannelType type) const override {
    for (const TapeChannel& channel : tape_.channels) {
      if (channel.info.channel.type == type) return channel.info.server_caps;
    }
    return {};
  }
  Result<void> check_request(const channels::LinkRequest& request) override {
    if (tape_.find(request.channel)) return {};
    return fail(ErrorKind::not_found, "the recording has no {} channel {}",
                spice::to_string(request.channel.type), request.channel.id);
  }
  Result<void> check_password(const channels::LinkRequest&, std::string_view) override {
    return {};
  }
  Result<std::unique_ptr<channels::Channel>> open(const channels::LinkRequest& request) override {
    CASSIA_TRY(check_request(request));
    if (request.channel.type == spice::ChannelType::main) {
      pace_ = std::make_shared<Pace>(clock_, tape_, options_.speed);
    }
    if (!pace_) return fail(ErrorKind::invalid_argument, "no main channel yet");
    return std::make_unique<ReplayChannel>(*tape_.find(request.channel), pace_, playing_);
  }

 private:
  net::Task<> accept_all() {
    for (;;) {
      auto stream = co_await listener_->accept();
      if (!stream) co_return;
      asio::co_spawn(executor_, serve(std::move(*stream)), asio::detached);
    }
  }
  net::Task<> serve(std::unique_ptr<net::Stream> stream) {
    const auto link = channels::ServerConnection::create(*this);
    const Error why = co_await net::pump(*stream, *link, clock_);
    log_debug(component, "{}", why.message());
  }
  void arm() {
    timer_.expires_after(tick);
    timer_.async_wait([this](const boost::system::error_code& ec) {
      if (ec) return;
      for (ReplayChannel* channel : playing_) channel->play();
      arm();
    });
  }

  net::Executor executor_;
  const Clock& clock_;
  const SessionTape& tape_;
  ReplayOptions options_;
  std::unique_ptr<net::Listener> listener_;
  std::shared_ptr<const channels::TicketKey> key_;
  asio::steady_timer timer_;
  std::shared_ptr<Pace> pace_;  ///< of the newest session
  std::set<ReplayChannel*> playing_;
};

}  // namespace

Result<std::unique_ptr<ReplayServer>> ReplayServer::create(net::Executor executor,
                                                           const Clock& clock,
                                                           const SessionTape& tape,
                                                           const net::Address& listen,
                                                           ReplayOptions options) {
  auto listener = CASSIA_TRY(net::Listener::create(executor, listen));
  auto key = CASSIA_TRY(channels::TicketKey::generate());
  return std::unique_ptr<ReplayServer>(std::make_unique<Server>(
      executor, clock, tape, options, std::move(listener), std::move(key)));
}

}  // namespace cassia::test
