// SPDX-License-Identifier: Apache-2.0
#include "server/guest/upstream_session.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <set>

#include "base/log.h"
#include "base/problem_log.h"
#include "dial/migration.h"
#include "net/pump.h"
#include "server/guest/stream_frames.h"

namespace cassia::server {
namespace asio = boost::asio;
using channels::MouseMode;
using spice::ChannelType;

namespace {

constexpr auto component = "upstream";

/// More displays than any guest has.
constexpr std::uint8_t most_displays = 16;

/// Bytes of input that wait for a guest that does not read: more than anybody types meanwhile.
constexpr std::size_t most_input = std::size_t{512} << 10;

/// Tells identities of one upstream session and display from those of all others.
std::uint64_t salt_of(std::uint64_t epoch, DisplayId display) {
  return (epoch * most_displays + display) * 0x9e3779b97f4a7c15u;
}

bool is_sound(spice::ChannelId id) {
  return id.type == ChannelType::playback || id.type == ChannelType::record;
}

}  // namespace

/// One display channel of the upstream.
class UpstreamSession::Display final : public channels::DisplayClientEvents {
 public:
  Display(UpstreamSession& session, DisplayId id)
      : session_(session), id_(id), problems_(component, session.clock_) {}

  void display_surface_create(const channels::SurfaceInfo& surface) override {
    if (over()) return;
    if (!std::exchange(fresh_, true)) events().guest_reset(id_);
    events().guest_surface_create(id_, surface);
  }
  void display_surface_destroy(raster::SurfaceId id) override {
    if (!over()) events().guest_surface_destroy(id_, id);
  }
  void display_mark() override {
    if (over()) return;
    events().guest_mark(id_);
    session_.shown();
  }
  void display_reset() override {
    streams_.clear();
    if (!over()) events().guest_reset(id_);
  }
  void display_draw(raster::DrawOpPtr op) override {
    if (!over()) events().guest_draw(id_, renumbered(std::move(op)));
  }
  void display_monitors(const channels::MonitorsConfig& config) override {
    if (!over()) events().guest_monitors(id_, config);
  }
  void display_stream_create(const channels::StreamInfo& stream) override {
    streams_.create(stream);
  }
  void display_stream_frame(const channels::StreamFrame& frame) override {
    if (over()) return;
    auto op = streams_.draw_of(frame);
    if (op) {
      events().guest_draw(id_, std::move(*op));
    } else {
      display_problem(fmt::format("display {} stream_data: {}", id_, op.error().message()));
    }
  }
  void display_stream_clip(std::uint32_t id, const raster::Clip& clip) override {
    streams_.clip(id, clip);
  }
  void display_stream_destroy(std::uint32_t id) override { streams_.destroy(id); }
  void display_stream_destroy_all() override { streams_.clear(); }
  void display_problem(const std::string& text) override { problems_.report(text); }
  void display_closed(const Error& why) override { session_.end(why); }

 private:
  bool over() const { return session_.silent_; }
  GuestEvents& events() { return session_.events_; }

  /// Image ids are only unique within one upstream session and display: viewers, which cache images
  /// by them, outlive both.
  raster::DrawOpPtr renumbered(raster::DrawOpPtr op) const {
    bool any = false;
    raster::for_each_image(op->operation,
                           [&](const raster::ImageRef& i) { any |= i.identity.id != 0; });
    if (!any) return op;
    auto copy = std::make_shared<raster::DrawOp>(*op);
    const std::uint64_t salt = salt_of(session_.epoch_, id_);
    raster::for_each_image(copy->operation, [&](raster::ImageRef& image) {
      if (image.identity.id != 0) image.identity.id ^= salt;
    });
    return copy;
  }

  UpstreamSession& session_;
  DisplayId id_;
  ProblemLog problems_;
  bool fresh_ = false;  ///< the pictures of earlier sessions were reset
  StreamFrames streams_;
};

class UpstreamSession::Cursor final : public channels::CursorClientEvents {
 public:
  Cursor(UpstreamSession& session, DisplayId id) : session_(session), id_(id) {}

  void cursor_set(const channels::CursorState& state) override {
    if (!session_.silent_) session_.events_.guest_cursor_set(id_, renumbered(state));
  }
  void cursor_move(raster::Point position) override {
    if (!session_.silent_) session_.events_.guest_cursor_move(id_, position);
  }
  void cursor_hide() override {
    if (!session_.silent_) session_.events_.guest_cursor_hide(id_);
  }
  void cursor_closed(const Error& why) override { session_.end(why); }

 private:
  /// Viewers cache shapes by their identities, as they do images.
  channels::CursorState renumbered(channels::CursorState state) const {
    if (!state.shape || state.shape->unique == 0) return state;
    auto shape = std::make_shared<channels::CursorShape>(*state.shape);
    shape->unique ^= salt_of(session_.epoch_, id_);
    state.shape = std::move(shape);
    return state;
  }

  UpstreamSession& session_;
  DisplayId id_;
};

UpstreamSession::UpstreamSession(net::Executor executor, const Clock& clock,
                                 const SpiceGuestOptions& options, dial::Target target,
                                 GuestEvents& events, std::uint64_t epoch)
    : executor_(std::move(executor)),
      clock_(clock),
      options_(options),
      target_(std::move(target)),
      events_(events),
      epoch_(epoch) {}

UpstreamSession::~UpstreamSession() = default;

channels::InputsClient* UpstreamSession::inputs() {
  if (!inputs_connection_ || !inputs_connection_->open()) return nullptr;
  return inputs_->link()->pending_output() < most_input ? inputs_ : nullptr;
}

net::Task<Error> UpstreamSession::run() {
  const auto self = shared_from_this();
  auto channel = channels::MainClient::create(*this);
  main_ = channel.get();
  if (auto* agent_events = events_.guest_agent_events()) {
    agent_ = std::make_unique<UpstreamAgent>(*main_, *agent_events);
  }
  Error why = co_await run_channel({ChannelType::main, 0}, std::move(channel), 0);
  main_ = nullptr;
  end(why);
  co_return Error(why.kind(), why_);
}

void UpstreamSession::close() {
  silent_ = true;
  end(Error(ErrorKind::canceled, "closed here"));
}

void UpstreamSession::end(const Error& why) {
  if (std::exchange(over_, true)) return;
  silent_ = true;
  why_ = why.message();
  for (net::Stream* stream : streams_) stream->close();
}

net::Task<Error> UpstreamSession::run_channel(spice::ChannelId id,
                                              std::unique_ptr<channels::Channel> channel,
                                              std::uint32_t connection_id) {
  const dial::Route route(target_, id.type);
  auto stream = co_await net::connect(route.address(), target_.connect);
  if (!stream) co_return stream.error();
  if (over_) co_return Error(ErrorKind::canceled, "the session is over");
  local_ = (*stream)->is_local();
  streams_.push_back(stream->get());

  auto params = route.link_params(**stream, id, connection_id);
  if (is_sound(id)) params.max_server_message = channels::max_audio_message;
  auto connection = channels::ClientConnection::create(std::move(params), std::move(channel));
  // A server that accepts and then says nothing must not hold us up for ever.
  asio::steady_timer handshake(executor_, options_.connect_timeout);
  const auto alive = std::make_shared<bool>(true);
  handshake.async_wait(
      [client = connection.get(), raw = stream->get(), alive](const boost::system::error_code& ec) {
        if (!ec && *alive && !client->open()) raw->close();
      });
  if (id.type == ChannelType::inputs) inputs_connection_ = connection.get();
  Error why = co_await net::pump(**stream, *connection, clock_);
  if (const auto meant = connection->verdict()) why = *meant;
  if (id.type == ChannelType::inputs) inputs_connection_ = nullptr;
  *alive = false;
  std::erase(streams_, stream->get());
  co_return why;
}

net::Task<> UpstreamSession::side_channel(spice::ChannelId id,
                                          std::unique_ptr<channels::Channel> channel) {
  const auto self = shared_from_this();
  const Error why = co_await run_channel(id, std::move(channel), session_id_);
  if (is_sound(id)) {  // the guest goes on without it
    if (!over_) log_warn(component, "{} channel: {}", spice::to_string(id.type), why.message());
    co_return;
  }
  if (id.type == ChannelType::inputs) inputs_ = nullptr;
  end(why.in(fmt::format("{} channel {}", spice::to_string(id.type), id.id)));
}

void UpstreamSession::open_channel(spice::ChannelId id) {
  std::unique_ptr<channels::Channel> channel;
  if (id.type == ChannelType::display) {
    displays_.push_back(std::make_unique<Display>(*this, id.id));
    channels::DisplayClientOptions display_options;
    display_options.pixmap_cache_bytes = 0;
    display_options.glz_window_pixels = 0;
    display_options.decode = false;
    if (local_) display_options.preferred_compression = channels::ImageCompression::off;
    channel = channels::DisplayClient::create(*displays_.back(), std::move(display_options));
  } else if (id.type == ChannelType::cursor) {
    cursors_.push_back(std::make_unique<Cursor>(*this, id.id));
    channel = channels::CursorClient::create(*cursors_.back());
  } else if (is_sound(id)) {
    channel = audio_->make_channel(id.type);
  } else {
    auto inputs = channels::InputsClient::create(*this);
    inputs_ = inputs.get();
    channel = std::move(inputs);
  }
  asio::co_spawn(executor_, side_channel(id, std::move(channel)), asio::detached);
}

void UpstreamSession::main_init(const channels::MainInit& init) {
  if (silent_) return;
  session_id_ = init.session_id;
  main_mouse_mode(init.supported_mouse_modes, static_cast<MouseMode>(init.current_mouse_mode));
}

void UpstreamSession::main_mouse_mode(std::uint32_t supported, MouseMode current) {
  if (silent_) return;
  events_.guest_mouse_mode(supported, current);
  // Asked for once, when it becomes possible: a viewer that then asks for server mode gets its way,
  // and stock clients ask anew for as long as they are told of another mode.
  const bool absolute = (supported & static_cast<std::uint32_t>(MouseMode::client)) != 0;
  const bool before = std::exchange(absolute_, absolute);
  if (absolute && !before && current != MouseMode::client)
    main_->request_mouse_mode(MouseMode::client);
}

void UpstreamSession::main_channels(const std::vector<spice::ChannelId>& ids) {
  if (silent_ || std::exchange(listed_, true)) return;
  unsigned displays = 0;
  for (const auto& id : ids) {
    if (id.type == ChannelType::display && id.id < most_displays) {
      displays = std::max(displays, id.id + 1u);
    }
  }
  events_.guest_online(displays);
  std::set<std::pair<ChannelType, std::uint8_t>> seen;
  bool inputs = false;
  for (const auto& id : ids) {
    if (!seen.insert({id.type, id.id}).second) continue;
    const bool picture = id.type == ChannelType::display || id.type == ChannelType::cursor;
    if (picture && id.id < most_displays) open_channel(id);
    if (id.type == ChannelType::inputs && !std::exchange(inputs, true)) open_channel(id);
    if (audio_ && is_sound(id) && id.id == 0) open_channel(id);
  }
  list_devices(ids);
}

// Begin of a migration is not told to clients that do not offer to take part in it, as this one
// does not: its viewers have the gateway's picture to look at while it connects to the new host.
void UpstreamSession::main_migrate_switch_host(const channels::MigrationTarget& there) {
  if (silent_) return;
  auto moved = dial::moved_to(there, target_);
  if (!moved) return log_warn(component, "{}", moved.error().message());
  moved_ = std::move(*moved);
  end(Error(ErrorKind::closed, "the guest has moved"));
}

void UpstreamSession::main_name(const std::string& name) {
  if (!silent_) events_.guest_name(name);
}

void UpstreamSession::main_uuid(const channels::Uuid& uuid) {
  if (!silent_) events_.guest_uuid(uuid);
}

void UpstreamSession::inputs_modifiers(std::uint16_t modifiers) {
  if (!silent_) events_.guest_modifiers(modifiers);
}

void UpstreamSession::inputs_closed(const Error& why) {
  inputs_ = nullptr;
  end(why);
}

void UpstreamSession::shown() {
  if (std::exchange(shown_, true)) return;
  events_.guest_shown();
}

}  // namespace cassia::server
