// SPDX-License-Identifier: Apache-2.0
#include "tests/support/spice_stage.h"

#include <spice/protocol.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "channels/link/server_connection.h"
#include "channels/main/main_channel.h"
#include "net/pump.h"

namespace cassia::test {
namespace {

namespace asio = boost::asio;
using channels::DisplayServer;
using spice::ChannelType;

/// What viewers have told; guarded.
struct Heard {
  mutable std::mutex mutex;
  unsigned opened = 0;
  std::vector<channels::StreamReport> reports;
  std::vector<channels::VideoCodec> preferred;
  spice::Capabilities capabilities;
};

/// Of one viewer's display channel.
class Actor final : public channels::DisplayServerEvents {
 public:
  Actor(const SpiceStage::Play& opening, Heard& heard, std::set<DisplayServer*>& displays)
      : opening_(opening), heard_(heard), displays_(displays) {}

  void display_ready() override {
    displays_.insert(display);
    {
      const std::lock_guard lock(heard_.mutex);
      ++heard_.opened;
      heard_.capabilities = display->link()->peer_capabilities();
    }
    opening_(*display);
  }
  void display_writable() override {}
  void display_preferred_video(const std::vector<channels::VideoCodec>& codecs) override {
    const std::lock_guard lock(heard_.mutex);
    heard_.preferred = codecs;
  }
  void display_stream_report(const channels::StreamReport& report) override {
    const std::lock_guard lock(heard_.mutex);
    heard_.reports.push_back(report);
  }
  void display_closed(const Error&) override { displays_.erase(display); }

  DisplayServer* display = nullptr;

 private:
  const SpiceStage::Play& opening_;
  Heard& heard_;
  std::set<DisplayServer*>& displays_;
};

class Stage final : public SpiceStage, channels::LinkPolicy, channels::MainServerEvents {
 public:
  Stage(Play opening, std::uint32_t media_time, std::shared_ptr<const channels::TicketKey> key)
      : opening_(std::move(opening)), media_time_(media_time), key_(std::move(key)) {}
  ~Stage() override {
    asio::post(io_, [this] {
      listener_->close();
      for (net::Stream* stream : streams_) stream->close();
    });
    if (thread_.joinable()) thread_.join();
  }

  Result<void> listen() {
    listener_ = CASSIA_TRY(
        net::Listener::create(io_.get_executor(), {net::Transport::tcp, "127.0.0.1", 0, {}}));
    address_ = listener_->address();
    asio::co_spawn(io_, accept_all(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
    return {};
  }

  template <class Look>
  auto look(Look what) const {
    const std::lock_guard lock(heard_.mutex);
    return what(heard_);
  }

  net::Address address() const override { return address_; }
  void play(const Play& scene) override {
    std::promise<void> done;
    asio::post(io_, [&] {
      for (DisplayServer* display : std::set(displays_)) scene(*display);
      done.set_value();
    });
    done.get_future().wait();
  }
  unsigned opened() const override {
    return look([](const Heard& h) { return h.opened; });
  }
  std::vector<channels::StreamReport> reports() const override {
    return look([](const Heard& h) { return h.reports; });
  }
  std::vector<channels::VideoCodec> preferred_video() const override {
    return look([](const Heard& h) { return h.preferred; });
  }
  bool offers(unsigned capability) const override {
    return look([&](const Heard& h) { return h.capabilities.has(capability); });
  }

 private:
  net::Task<> accept_all() {
    for (;;) {
      auto stream = co_await listener_->accept();
      if (!stream) co_return;
      asio::co_spawn(io_, serve(std::move(*stream)), asio::detached);
    }
  }
  net::Task<> serve(std::unique_ptr<net::Stream> stream) {
    streams_.insert(stream.get());
    const auto link = channels::ServerConnection::create(*this);
    co_await net::pump(*stream, *link, clock_);
    streams_.erase(stream.get());
  }

  const channels::TicketKey& ticket_key() const override { return *key_; }
  spice::Capabilities capabilities(ChannelType type) const override {
    if (type != ChannelType::display) return {};
    return {SPICE_DISPLAY_CAP_PREF_VIDEO_CODEC_TYPE};
  }
  Result<void> check_request(const channels::LinkRequest&) override { return {}; }
  Result<void> check_password(const channels::LinkRequest&, std::string_view) override {
    return {};
  }
  Result<std::unique_ptr<channels::Channel>> open(const channels::LinkRequest& request) override {
    if (request.channel.type == ChannelType::main) {
      auto channel = channels::MainServer::create(*this);
      main_ = channel.get();
      return channel;
    }
    actors_.push_back(std::make_unique<Actor>(opening_, heard_, displays_));
    auto channel = DisplayServer::create(*actors_.back());
    actors_.back()->display = channel.get();
    return channel;
  }

  void main_opened() override {
    channels::MainInit init;
    init.session_id = 1;
    init.multi_media_time = media_time_;
    main_->send_init(init);
  }
  void main_attach_channels() override { main_->send_channels({{ChannelType::display, 0}}); }
  void main_mouse_mode_request(channels::MouseMode) override {}
  void main_closed(const Error&) override {}

  const Play opening_;
  const std::uint32_t media_time_;
  const std::shared_ptr<const channels::TicketKey> key_;
  SteadyClock clock_;
  Heard heard_;
  std::set<DisplayServer*> displays_;
  std::vector<std::unique_ptr<Actor>> actors_;
  std::set<net::Stream*> streams_;
  channels::MainServer* main_ = nullptr;
  net::Address address_;
  asio::io_context io_{1};
  std::unique_ptr<net::Listener> listener_;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<SpiceStage>> SpiceStage::start(Play opening, std::uint32_t media_time) {
  auto key = CASSIA_TRY(channels::TicketKey::generate());
  auto stage = std::make_unique<Stage>(std::move(opening), media_time, std::move(key));
  CASSIA_TRY(stage->listen());
  return std::unique_ptr<SpiceStage>(std::move(stage));
}

}  // namespace cassia::test
