// SPDX-License-Identifier: Apache-2.0
// A session's display channel reports on video; how far sound lags behind comes from the playback
// channel beside it. Against a server of our own on 127.0.0.1.

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <thread>

#include "channels/display/display_server.h"
#include "channels/link/server_connection.h"
#include "channels/main/main_channel.h"
#include "channels/playback/playback_channel.h"
#include "client/session/session.h"
#include "net/pump.h"
#include "tests/support/wait.h"

namespace cassia::client {
namespace {

namespace asio = boost::asio;
using channels::Channel;
using spice::ChannelId;
using spice::ChannelType;
using test::wait_until;

constexpr std::uint32_t no_sound = 0xffffffff;

/// A loudspeaker that is 140 ms behind.
class SlowSink final : public AudioSink {
 public:
  void start(const channels::AudioFormat&) override { playing = true; }
  void play(std::uint32_t, channels::Samples) override {}
  void stop() override { playing = false; }
  void set_volume(const channels::AudioVolume&) override {}
  PlaybackStatistics statistics() const override {
    PlaybackStatistics s;
    s.latency_ms = 140;
    return s;
  }
  std::atomic<bool> playing = false;
};

/// One display with a video stream on it, and sound. All on the server's thread.
class Server final : public channels::LinkPolicy,
                     channels::MainServerEvents,
                     channels::DisplayServerEvents,
                     channels::PlaybackServerEvents {
 public:
  explicit Server(asio::io_context& io)
      : listener_(
            *net::Listener::create(io.get_executor(), {net::Transport::tcp, "127.0.0.1", 0, {}})) {
    asio::co_spawn(io, accept_all(io), asio::detached);
  }
  net::Address address() const { return listener_->address(); }
  void stop() {
    listener_->close();
    for (net::Stream* stream : streams_) stream->close();
  }

  void frame() {
    display->send_stream_frame({0, 1000000, {16, 16}, {0, 0, 16, 16}, {}},
                               SharedBytes(Bytes{1, 2}));
  }

  channels::DisplayServer* display = nullptr;
  channels::PlaybackServer* playback = nullptr;
  std::atomic<bool> streaming = false, sound = false;
  std::atomic<std::uint32_t> reports = 0, audio_delay = 0;

 private:
  net::Task<> accept_all(asio::io_context& io) {
    for (;;) {
      auto stream = co_await listener_->accept();
      if (!stream) co_return;
      asio::co_spawn(io, serve(std::move(*stream)), asio::detached);
    }
  }
  net::Task<> serve(std::unique_ptr<net::Stream> stream) {
    streams_.push_back(stream.get());
    const auto link = channels::ServerConnection::create(*this);
    co_await net::pump(*stream, *link, clock_);
    std::erase(streams_, stream.get());
  }

  const channels::TicketKey& ticket_key() const override { return *key_; }
  spice::Capabilities capabilities(ChannelType) const override { return {}; }
  Result<void> check_request(const channels::LinkRequest&) override { return {}; }
  Result<void> check_password(const channels::LinkRequest&, std::string_view) override {
    return {};
  }
  Result<std::unique_ptr<Channel>> open(const channels::LinkRequest& request) override {
    switch (request.channel.type) {
      case ChannelType::main: {
        auto channel = channels::MainServer::create(*this);
        main_ = channel.get();
        return channel;
      }
      case ChannelType::display: {
        auto channel = channels::DisplayServer::create(*this);
        display = channel.get();
        return channel;
      }
      default: {
        auto channel = channels::PlaybackServer::create(*this);
        playback = channel.get();
        return channel;
      }
    }
  }

  void main_opened() override {
    channels::MainInit init;
    init.session_id = 1;
    init.multi_media_time = 1000;
    main_->send_init(init);
  }
  void main_attach_channels() override {
    main_->send_channels({{ChannelType::display, 0}, {ChannelType::playback, 0}});
  }
  void main_mouse_mode_request(channels::MouseMode) override {}
  void main_closed(const Error&) override {}
  void display_ready() override {
    display->send_surface_create({0, {64, 64}, raster::PixelFormat::xrgb32, true});
    channels::StreamInfo info;
    info.stream_size = info.source_size = {16, 16};
    info.dest = {0, 0, 16, 16};
    display->send_stream_create(info);
    EXPECT_TRUE(display->send_stream_activate_report({0, 7, 1, 1000000}));
    streaming = true;
  }
  void display_writable() override {}
  void display_stream_report(const channels::StreamReport& report) override {
    audio_delay = report.audio_delay;
    ++reports;
  }
  void display_closed(const Error&) override {}
  void playback_opened() override { sound = true; }
  void playback_closed(const Error&) override {}

  SteadyClock clock_;
  const std::shared_ptr<const channels::TicketKey> key_ = *channels::TicketKey::generate();
  std::unique_ptr<net::Listener> listener_;
  std::vector<net::Stream*> streams_;
  channels::MainServer* main_ = nullptr;
};

class SessionReportTest : public ::testing::Test {
 protected:
  SessionReportTest() : server_(io_), thread_([this] { io_.run(); }) {}
  ~SessionReportTest() override {
    session_.reset();
    asio::post(io_, [this] { server_.stop(); });
    thread_.join();
  }
  /// What the session says of sound when the next frame comes.
  std::uint32_t delay_at_next_frame() {
    const std::uint32_t before = server_.reports;
    asio::post(io_, [this] { server_.frame(); });
    EXPECT_TRUE(wait_until([&] { return server_.reports > before; }));
    return server_.audio_delay;
  }

  asio::io_context io_;
  Server server_;
  std::thread thread_;
  const std::shared_ptr<SlowSink> sink_ = std::make_shared<SlowSink>();
  std::unique_ptr<Session> session_;
};

TEST_F(SessionReportTest, SaysHowFarSoundLagsBehindWhileItPlays) {
  SessionOptions options;
  options.address = server_.address();
  options.audio_sink = sink_;
  session_ = *Session::start(options);
  ASSERT_TRUE(wait_until([&] { return server_.streaming && server_.sound; }));
  EXPECT_EQ(delay_at_next_frame(), no_sound);
  asio::post(io_, [this] { server_.playback->start({2, 48000}, channels::AudioMode::raw, 1000); });
  ASSERT_TRUE(wait_until([&] { return sink_->playing.load(); }));
  EXPECT_EQ(delay_at_next_frame(), 140u);
  asio::post(io_, [this] { server_.playback->stop(); });
  ASSERT_TRUE(wait_until([&] { return !sink_->playing; }));
  EXPECT_EQ(delay_at_next_frame(), no_sound);
}

TEST_F(SessionReportTest, WithoutSoundThereIsNoDelayToTell) {
  SessionOptions options;
  options.address = server_.address();
  session_ = *Session::start(options);
  ASSERT_TRUE(wait_until([&] { return server_.streaming.load(); }));
  EXPECT_EQ(delay_at_next_frame(), no_sound);
  EXPECT_FALSE(server_.sound);
}

}  // namespace
}  // namespace cassia::client
