// SPDX-License-Identifier: Apache-2.0
#include "tests/replay/display_tape.h"

#include <spice/enums.h>

#include <condition_variable>
#include <mutex>

#include "channels/display/display_client.h"

namespace cassia::test {
namespace {

/// The calls that a pool posts to the playing thread.
class Mailbox {
 public:
  void post(std::function<void()> call) {
    const std::lock_guard lock(mutex_);
    calls_.push_back(std::move(call));
    arrived_.notify_one();
  }
  void run(bool wait) {
    std::vector<std::function<void()>> calls;
    {
      std::unique_lock lock(mutex_);
      if (wait) arrived_.wait(lock, [this] { return !calls_.empty(); });
      calls.swap(calls_);
    }
    for (const auto& call : calls) call();
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<std::function<void()>> calls_;
};

/// A link that sends nowhere.
class DeafLink final : public channels::MessageLink {
 public:
  explicit DeafLink(const TapeChannel& tape) : tape_(tape) {}
  void send(std::uint16_t, std::vector<SharedBytes>) override {}
  bool writable() const override { return true; }
  std::size_t pending_output() const override { return 0; }
  void pause_reading(bool) override {}
  void close() override {}
  void wait_for_channels(std::vector<spice::ChannelWait>, std::function<void()> then) override {
    then();
  }
  const spice::Capabilities& peer_capabilities() const override { return tape_.info.server_caps; }
  spice::ChannelId id() const override { return tape_.info.channel; }
  const channels::TrafficStats& stats() const override { return stats_; }

 private:
  const TapeChannel& tape_;
  channels::TrafficStats stats_;
};

class Feed final : public channels::DisplayClientEvents {
 public:
  explicit Feed(DisplaySink& sink) : sink_(sink) {}
  void display_surface_create(const channels::SurfaceInfo& s) override {
    sink_.change(client::SurfaceCreated{s});
  }
  void display_surface_destroy(raster::SurfaceId id) override {
    sink_.change(client::SurfaceDestroyed{id});
  }
  void display_mark() override { sink_.change(client::DisplayMarked{}); }
  void display_reset() override { sink_.change(client::DisplayReset{}); }
  void display_draw(raster::DrawOpPtr op) override { sink_.change(client::Drawn{std::move(op)}); }
  void display_monitors(const channels::MonitorsConfig& c) override {
    sink_.change(client::MonitorsSet{c});
  }
  void display_stream_create(const channels::StreamInfo& s) override {
    sink_.change(client::StreamCreated{s});
  }
  void display_stream_frame(const channels::StreamFrame&) override {}
  void display_stream_clip(std::uint32_t id, const raster::Clip& clip) override {
    sink_.change(client::StreamClipped{id, clip});
  }
  void display_stream_destroy(std::uint32_t id) override {
    sink_.change(client::StreamDestroyed{id});
  }
  void display_stream_destroy_all() override { sink_.change(client::StreamsDestroyed{}); }
  void display_backlog(bool now) override { behind = now; }
  void display_problem(const std::string& text) override {
    if (!problem) problem = Error(ErrorKind::malformed, text);
  }
  void display_closed(const Error&) override {}

  bool behind = false;
  std::optional<Error> problem;

 private:
  DisplaySink& sink_;
};

const TapeChannel* display_of(const SessionTape& tape) {
  for (const TapeChannel& channel : tape.channels) {
    if (channel.info.channel.type == spice::ChannelType::display) return &channel;
  }
  return nullptr;
}

}  // namespace

Result<void> play_display(const SessionTape& tape, DisplaySink& sink, codec::DecodePool* pool,
                          std::size_t ahead_bytes) {
  const TapeChannel* played = display_of(tape);
  if (played == nullptr) return fail(ErrorKind::not_found, "the recording has no display channel");
  const auto mailbox = std::make_shared<Mailbox>();
  Feed feed(sink);
  DeafLink link(*played);
  channels::DisplayClientOptions options;
  options.decode_ahead_bytes = ahead_bytes;
  if (pool != nullptr) {
    options.decoder =
        pool->lane([mailbox](std::function<void()> call) { mailbox->post(std::move(call)); });
  }
  const auto channel = channels::DisplayClient::create(feed, std::move(options));
  channel->attach(&link);
  channel->on_open();
  for (const TapeMessage& message : played->messages) {
    if (message.type < SPICE_MSG_DISPLAY_MODE) continue;  // of the base set
    CASSIA_TRY(channel->on_message(message.type, message.body.view(), TimePoint{}));
    mailbox->run(false);
    while (feed.behind) mailbox->run(true);
  }
  channel->on_closed(Error(ErrorKind::closed, "the end of the recording"));
  if (feed.problem) return fail(*feed.problem);
  return {};
}

}  // namespace cassia::test
