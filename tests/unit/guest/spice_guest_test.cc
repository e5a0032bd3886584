// SPDX-License-Identifier: Apache-2.0
// The guest behind an upstream SPICE server, against a server of our own that says odd things.

#include "server/guest/spice_guest.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <list>

#include "channels/display/display_server.h"
#include "net/pump.h"
#include "tests/unit/channels/harness.h"

namespace cassia::server {
namespace {

namespace asio = boost::asio;
using channels::LinkRequest;
using channels::MouseMode;
using spice::ChannelType;

/// What the adapter tells; only the pointers are looked at.
class Recorder final : public GuestEvents {
 public:
  void guest_online(unsigned) override {}
  void guest_shown() override { on_shown_(); }
  void guest_offline(const std::string&) override { ++offline_; }
  void guest_moved() override { ++moved_; }
  void guest_reset(DisplayId) override {}
  void guest_surface_create(DisplayId, const channels::SurfaceInfo&) override {}
  void guest_surface_destroy(DisplayId, raster::SurfaceId) override {}
  void guest_mark(DisplayId) override {}
  void guest_draw(DisplayId, raster::DrawOpPtr) override {}
  void guest_monitors(DisplayId, const channels::MonitorsConfig&) override {}
  void guest_cursor_set(DisplayId, const channels::CursorState& state) override {
    if (!state.shape) return;
    shapes_.push_back(state.shape->unique);
    on_shape_();
  }
  void guest_cursor_move(DisplayId, raster::Point) override {}
  void guest_cursor_hide(DisplayId) override {}
  void guest_mouse_mode(std::uint32_t, MouseMode) override {}
  void guest_modifiers(std::uint16_t) override {}
  void guest_name(const std::string&) override {}
  void guest_uuid(const channels::Uuid&) override {}

  int offline_ = 0;
  int moved_ = 0;
  std::function<void()> on_shown_ = [] {};
  std::vector<std::uint64_t> shapes_;
  std::function<void()> on_shape_;
};

/// One session of the upstream: its main channel plays the script, its cursor has one shape.
class Upstream final : public channels::MainServerEvents, public channels::CursorServerEvents {
 public:
  std::unique_ptr<channels::Channel> open(const LinkRequest& request) {
    ++channels_;
    if (request.channel.type == ChannelType::main) {
      auto channel = channels::MainServer::create(*this);
      main_ = channel.get();
      return channel;
    }
    if (request.channel.type == ChannelType::cursor) {
      auto channel = channels::CursorServer::create(*this);
      cursor_ = channel.get();
      return channel;
    }
    return std::make_unique<channels::RecordingChannel>(logs_.emplace_back());
  }

  void main_opened() override { send_init(3); }
  void main_attach_channels() override {
    if (++attached_ == 2) return on_played_();
    using Id = spice::ChannelId;
    std::vector<Id> ids(20, Id{ChannelType::display, 0});
    ids.insert(ids.end(), 20, Id{ChannelType::cursor, 0});
    ids.insert(ids.end(), 20, Id{ChannelType::inputs, 0});
    main_->send_channels(ids);
    main_->send_channels(ids);
    main_->send_mouse_mode(3, MouseMode::server);  // as if a viewer had asked for it
    main_->send_mouse_mode(1, MouseMode::server);
    main_->send_mouse_mode(3, MouseMode::server);
    send_init(1);  // its answer comes behind those to all that was said before
  }
  void main_mouse_mode_request(MouseMode mode) override {
    EXPECT_EQ(mode, MouseMode::client);
    ++requests_;
  }
  void main_closed(const Error&) override { main_ = nullptr; }
  void cursor_opened() override {
    auto shape = std::make_shared<channels::CursorShape>();
    shape->unique = 5;
    shape->width = shape->height = 1;
    shape->data = SharedBytes(Bytes(4));
    cursor_->send_init({{}, true, std::move(shape), 0, 0});
  }
  void cursor_closed(const Error&) override {}

  bool played() const { return attached_ == 2; }
  void close() { main_->link()->close(); }

  std::function<void()> on_played_;
  int requests_ = 0;
  int channels_ = 0;

 private:
  void send_init(std::uint32_t modes) {
    channels::MainInit init;
    init.session_id = 1;
    init.supported_mouse_modes = modes;
    main_->send_init(init);
  }
  channels::MainServer* main_ = nullptr;
  channels::CursorServer* cursor_ = nullptr;
  int attached_ = 0;
  std::list<channels::RecordingChannel::Log> logs_;
};

class SpiceGuestTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "cassia-up-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    const net::Address address{net::Transport::unix_socket, {}, 0, (folder_ / "s").string()};
    listener_ = net::Listener::create(io_.get_executor(), address).value();
    SpiceGuestOptions options;
    options.address = address;
    options.first_retry = std::chrono::milliseconds(1);
    guest_ = make_spice_guest(io_.get_executor(), clock_, options);
    recorder_.on_shape_ = [this] { advance(); };
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  net::Task<> accept() {
    for (;;) {
      auto stream = co_await listener_->accept();
      if (!stream) co_return;
      asio::co_spawn(io_, serve(std::move(*stream)), asio::detached);
    }
  }
  net::Task<> serve(std::unique_ptr<net::Stream> stream) {
    channels::TestPolicy policy([this](const LinkRequest& request) {
      if (request.channel.type == ChannelType::main) {
        upstreams_.emplace_back().on_played_ = [this] { advance(); };
      }
      return upstreams_.back().open(request);
    });
    auto link = channels::ServerConnection::create(policy);
    co_await net::pump(*stream, *link, clock_);
  }

  /// Two sessions, one after the other; each ends once its script is played and its shape is shown.
  void advance() {
    if (!upstreams_.back().played() || recorder_.shapes_.size() < upstreams_.size()) return;
    if (upstreams_.size() == 1) return upstreams_.back().close();
    guest_->stop();
    listener_->close();
  }

  asio::io_context io_{1};
  SteadyClock clock_;
  std::filesystem::path folder_;
  std::unique_ptr<net::Listener> listener_;
  std::list<Upstream> upstreams_;
  Recorder recorder_;
  std::unique_ptr<GuestSource> guest_;
};

TEST_F(SpiceGuestTest, TakesWhatUpstreamsSayWithCare) {
  asio::co_spawn(io_, accept(), asio::detached);
  guest_->start(recorder_);
  io_.run();
  ASSERT_EQ(upstreams_.size(), 2u);
  for (const Upstream& upstream : upstreams_) {
    // Client mode is asked for when it becomes possible, not whenever it is not the mode.
    EXPECT_EQ(upstream.requests_, 2);
    // However often a channel is listed.
    EXPECT_LE(upstream.channels_, 4);
  }
  // Shapes of two sessions may have the same number and are not the same.
  ASSERT_EQ(recorder_.shapes_.size(), 2u);
  EXPECT_NE(recorder_.shapes_[0], recorder_.shapes_[1]);
}

/// A host that a guest may leave.
class Host final : public channels::MainServerEvents, public channels::DisplayServerEvents {
 public:
  Host(asio::io_context& io, const Clock& clock)
      : listener_(
            net::Listener::create(io.get_executor(), {net::Transport::tcp, "127.0.0.1", 0, {}})
                .value()),
        address_(listener_->address()),
        clock_(clock) {
    asio::co_spawn(io, accept(io), asio::detached);
  }
  const net::Address& address() const { return address_; }
  void stop() { listener_->close(); }
  void send_away(const std::string& host, std::uint16_t port) {
    main_->send_migrate_switch_host({host, port, 0, {}});
  }

  std::function<void()> on_attach_ = [this] { main_->send_channels({{ChannelType::display, 0}}); };
  int sessions_ = 0;

 private:
  net::Task<> accept(asio::io_context& io) {
    for (;;) {
      auto stream = co_await listener_->accept();
      if (!stream) co_return;
      asio::co_spawn(io, serve(std::move(*stream)), asio::detached);
    }
  }
  net::Task<> serve(std::unique_ptr<net::Stream> stream) {
    channels::TestPolicy policy([this](const LinkRequest& request) { return open(request); });
    auto link = channels::ServerConnection::create(policy);
    co_await net::pump(*stream, *link, clock_);
  }
  std::unique_ptr<channels::Channel> open(const LinkRequest& request) {
    if (request.channel.type == ChannelType::display) {
      auto channel = channels::DisplayServer::create(*this);
      display_ = channel.get();
      return channel;
    }
    ++sessions_;
    auto channel = channels::MainServer::create(*this);
    main_ = channel.get();
    return channel;
  }
  void main_opened() override {
    channels::MainInit init;
    init.session_id = 1;
    main_->send_init(init);
  }
  void main_attach_channels() override { on_attach_(); }
  void main_mouse_mode_request(MouseMode) override {}
  void main_closed(const Error&) override {}
  void display_ready() override {
    display_->send_surface_create({0, {8, 8}, raster::PixelFormat::xrgb32, true});
    display_->send_mark();
  }
  void display_writable() override {}
  void display_closed(const Error&) override {}

  std::unique_ptr<net::Listener> listener_;
  const net::Address address_;
  const Clock& clock_;
  channels::MainServer* main_ = nullptr;
  channels::DisplayServer* display_ = nullptr;
};

SpiceGuestOptions options_for(const Host& host) {
  SpiceGuestOptions options;
  options.address = host.address();
  options.first_retry = std::chrono::milliseconds(1);
  return options;
}

TEST(SpiceGuestMigrationTest, GoesToTheHostThatItsGuestGoesTo) {
  asio::io_context io{1};
  SteadyClock clock;
  Host first(io, clock), second(io, clock);
  const auto guest = make_spice_guest(io.get_executor(), clock, options_for(first));
  Recorder recorder;
  recorder.on_shown_ = [&] {
    if (second.sessions_ == 0) {
      first.send_away("no name", 1);  // not to be believed
      return first.send_away("127.0.0.1", second.address().port);
    }
    guest->stop();
    first.stop();
    second.stop();
  };
  guest->start(recorder);
  io.run();
  EXPECT_EQ(first.sessions_, 1);
  EXPECT_EQ(second.sessions_, 1);
  EXPECT_EQ(recorder.moved_, 1);
  EXPECT_EQ(recorder.offline_, 0);
  EXPECT_EQ(guest->name(), "spice " + net::to_string(second.address()));
}

TEST(SpiceGuestMigrationTest, WhoIsSentOnBeforeItSeesAnythingTakesItsTime) {
  asio::io_context io{1};
  SteadyClock clock;
  Host host(io, clock);
  const auto guest = make_spice_guest(io.get_executor(), clock, options_for(host));
  Recorder recorder;
  host.on_attach_ = [&] {
    if (host.sessions_ < 3) return host.send_away("127.0.0.1", host.address().port);
    guest->stop();
    host.stop();
  };
  guest->start(recorder);
  io.run();
  EXPECT_EQ(host.sessions_, 3);
  EXPECT_EQ(recorder.moved_, 0);
  EXPECT_EQ(recorder.offline_, 2);
}

}  // namespace
}  // namespace cassia::server
