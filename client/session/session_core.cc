// SPDX-License-Identifier: Apache-2.0
#include "client/session/session_core.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "client/session/session_connection.h"
#include "net/pump.h"
#include "render/codec/decode_pool.h"

namespace cassia::client {

namespace asio = boost::asio;
using channels::ClientConnection;
using spice::ChannelId;
using spice::ChannelType;

namespace {

constexpr auto first_delay = std::chrono::seconds(1);
constexpr auto longest_delay = std::chrono::seconds(15);

net::Task<> sleep_for(asio::io_context& io, Duration delay) {
  asio::steady_timer timer(io, delay);
  boost::system::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

void add(channels::TrafficStats& sum, const channels::TrafficStats& part) {
  sum.bytes_received += part.bytes_received;
  sum.bytes_sent += part.bytes_sent;
  sum.messages_received += part.messages_received;
  sum.messages_sent += part.messages_sent;
}

dial::Target target_of(const SessionOptions& options) {
  dial::Target target = dial::target_of(options.address);
  if (options.tls_address) target.tls = options.tls_address;
  target.secure_channels = options.secure_channels;
  target.user = options.user;
  target.password = options.password;
  target.connect.timeout = options.connect_timeout;
  target.connect.proxy = options.proxy;
  target.connect.tls.ca_file = options.ca_file;
  target.connect.tls.ca_pem = options.ca_pem;
  target.connect.tls.host_subject = options.host_subject;
  return target;
}

bool is_sound(ChannelId id) {
  return id.type == ChannelType::playback || id.type == ChannelType::record;
}

AgentLink::Policy agent_policy(const SessionOptions& options) {
  AgentLink::Policy policy{options.clipboard, options.file_transfer, {}, options.guest_look};
  const auto add = [&](bool playback, const auto& volume) {
    if (volume) policy.volumes.push_back({playback, volume->mute, volume->channels});
  };
  if (options.audio_sink) add(true, options.playback_volume);
  if (options.audio_source) add(false, options.record_volume);
  return policy;
}

/// An error that names the server, if it does not yet.
Error about(const Error& why, const std::string& name) {
  if (why.message().find(name) != std::string::npos) return why;
  return why.in(name);
}

}  // namespace

bool worth_retrying(const Error& why) {
  switch (why.kind()) {
    case ErrorKind::io:
    case ErrorKind::closed:
    case ErrorKind::timeout:
    case ErrorKind::busy:
    case ErrorKind::malformed:
    case ErrorKind::not_found:
      return true;
    default:
      return false;
  }
}

std::string name_of(ChannelId channel) {
  const std::string type(spice::to_string(channel.type));
  return channel.type == ChannelType::main ? type : fmt::format("{}:{}", type, channel.id);
}

SessionCore::SessionCore(asio::io_context& io, const SessionOptions& options, EventQueue& queue,
                         codec::DecodePool* decode_pool, StrandPool* video_pool)
    : io_(io),
      decode_pool_(decode_pool),
      video_pool_(video_pool),
      options_(options),
      target_(std::make_shared<const dial::Target>(target_of(options))),
      queue_(queue),
      storage_(queue),
      agent_(queue, agent_policy(options)),
      devices_(io, options.devices) {
  agent_.set_publisher(devices_.files());
}

SessionCore::~SessionCore() = default;

void SessionCore::release() {
  for (const auto& connection : connections_) {
    if (connection->record) connection->record->end();  // its thread posts to the event loop
  }
  connections_.clear();
  migration_.reset();
  main_over_.reset();
  devices_.stop();
}

net::Task<> SessionCore::run() {
  main_over_.emplace(io_);  // not before: the io_context is made after this object
  Duration delay = first_delay;
  for (;;) {
    const Error why = about(co_await run_once(), server_name());
    drop_connections();
    if (std::exchange(switching_, false)) continue;
    if (was_up_) delay = first_delay;
    const bool retrying = options_.reconnect && worth_retrying(why);
    queue_.push(SessionDown{why, retrying, delay});
    if (!retrying) co_return;
    co_await sleep_for(io_, delay);
    delay = std::min<Duration>(delay * 2, longest_delay);
  }
}

net::Task<Error> SessionCore::run_once() {
  was_up_ = false;
  session_id_ = 0;
  display_end_.reset();
  main_moved_ = false;
  main_end_.reset();
  board_ = std::make_shared<channels::SerialBoard>();
  const auto connection = make_connection({ChannelType::main, 0});
  Error why = co_await serve(connection);
  while (main_moved_ && !main_end_) {
    boost::system::error_code ignored;
    main_over_->expires_at(asio::steady_timer::time_point::max());
    co_await main_over_->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  if (main_end_) why = *main_end_;
  co_return display_end_ ? *display_end_ : why;
}

net::Task<Error> SessionCore::serve(std::shared_ptr<Connection> connection) {
  const auto target = connection->target;
  dial::Route route(*target, connection->id.type);
  // In place of the channel, where the guest is only on its way.
  std::unique_ptr<channels::Channel> holder = std::move(connection->holder);
  const bool is_place = holder != nullptr;
  const auto board = is_place && migration_ ? migration_->board : board_;
  for (;;) {
    auto stream = co_await net::connect(route.address(), target->connect);
    if (!stream) co_return stream.error();
    if (connection->dropped) co_return Error(ErrorKind::canceled, "no longer wanted");
    connection->stream = std::move(*stream);
    auto params = route.link_params(*connection->stream, connection->id, session_id_);
    if (is_sound(connection->id)) params.max_server_message = channels::max_audio_message;
    params.board = board;
    params.on_migrate = [this, weak = std::weak_ptr(connection)](std::optional<Bytes> data) {
      if (const auto source = weak.lock()) on_migrate(source, std::move(data));
    };
    connection->connection = ClientConnection::create(
        std::move(params), is_place ? std::move(holder) : make_channel(*connection));
    const Error why = co_await net::pump(*connection->stream, *connection->connection, clock_);
    const bool again = !connection->dropped && route.turn(connection->connection->refusal());
    if (!again) co_return connection->connection->verdict().value_or(why);
    log_debug("session", "{}: {}; trying {}", name_of(connection->id), why.message(),
              net::to_string(route.address()));
    if (is_place) holder = connection->connection->release_channel().channel;
    connection->connection.reset();  // before what its channel refers to
  }
}

net::Task<> SessionCore::run_channel(ChannelId id) {
  const auto connection = make_connection(id);
  const Error why = co_await serve(connection);
  on_channel_end(*connection, why);
}

net::Task<> SessionCore::run_device(ChannelId id) {
  if (std::find(devices_running_.begin(), devices_running_.end(), id) != devices_running_.end())
    co_return;
  devices_running_.push_back(id);
  const std::uint32_t session = session_id_;
  Duration delay = first_delay;
  std::string told;
  for (;;) {
    auto device = devices_.make(id);
    if (!device) {
      queue_.push(ChannelDown{id, device.error().in(name_of(id))});
      co_return;
    }
    const auto connection = make_connection(id);
    connection->device = std::move(*device);
    const Error why = (co_await serve(connection)).in(name_of(id));
    if (connection->dropped) co_return;
    const bool worked =
        connection->connection && connection->connection->stats().messages_received > 0;
    retire(connection);
    if (worked) delay = first_delay;
    if (why.message() != told) queue_.push(ChannelDown{id, why});
    told = why.message();
    co_await sleep_for(io_, delay);
    // A session that came after this one has channels of its own.
    if (session != session_id_ || main_ == nullptr) co_return;
    delay = std::min<Duration>(delay * 2, longest_delay);
  }
}

/// A connection whose channel may come again within the session: its numbers stay.
void SessionCore::retire(const std::shared_ptr<Connection>& connection) {
  if (connection->connection)
    add(past_.channels[name_of(connection->id)], connection->connection->stats());
  std::erase(connections_, connection);
}

std::shared_ptr<SessionCore::Connection> SessionCore::make_connection(ChannelId id) {
  auto connection = std::make_shared<Connection>();
  connection->id = id;
  connection->target = target_;
  connections_.push_back(connection);
  return connection;
}

std::unique_ptr<channels::Channel> SessionCore::make_channel(Connection& connection) {
  if (connection.device) return connection.device->make_channel();
  switch (connection.id.type) {
    case ChannelType::main: {
      auto channel = channels::MainClient::create(*this, {options_.migration});
      main_ = channel.get();
      agent_.attach(*main_);
      return channel;
    }
    case ChannelType::inputs: {
      auto channel = channels::InputsClient::create(*this);
      inputs_ = channel.get();
      return channel;
    }
    case ChannelType::playback:
      connection.playback = std::make_unique<PlaybackFeed>(*options_.audio_sink);
      if (options_.playback_volume) connection.playback->playback_volume(*options_.playback_volume);
      return channels::PlaybackClient::create(*connection.playback);
    case ChannelType::record: {
      const auto post = [this](std::function<void()> run) { asio::post(io_, std::move(run)); };
      connection.record = std::make_shared<RecordFeed>(*options_.audio_source, clock_, post);
      if (options_.record_volume) connection.record->record_volume(*options_.record_volume);
      return connection.record->make_channel();
    }
    case ChannelType::cursor:
      return channels::CursorClient::create(*this);
    case ChannelType::port: {
      connection.port = std::make_unique<PortFeed>(storage_);
      auto channel = channels::PortClient::create(*connection.port);
      connection.port->set_port(channel.get());
      return channel;
    }
    default: {
      const auto post = [this](std::function<void()> run) { asio::post(io_, std::move(run)); };
      connection.display = std::make_unique<DisplayFeed>(
          connection.id.id,
          DisplayFeed::Tools{queue_, clock_, *media_clock_, video_pool_, options_.video_planes},
          post);
      channels::DisplayClientOptions options;
      options.gl_scanout = options_.gl_scanout;
      options.video_codecs = options_.video_codecs;
      options.media_clock = media_clock_;
      options.audio_delay = [this] { return audio_delay(); };
      options.late_drops = [feed = connection.display.get()](std::uint32_t stream) {
        return feed->take_late_drops(stream);
      };
      if (decode_pool_ != nullptr) {
        options.decoder = decode_pool_->lane(post);
      }
      auto channel = channels::DisplayClient::create(*connection.display, std::move(options));
      connection.display->set_channel(channel.get());
      connection.display_channel = channel.get();
      return channel;
    }
  }
}

void SessionCore::on_channel_end(const Connection& connection, const Error& why) {
  if (connection.dropped) return;
  const Error named = why.in(name_of(connection.id));
  if (connection.id.type == ChannelType::inputs) inputs_ = nullptr;
  if (connection.id.type == ChannelType::display) {
    display_end_ = named;
    for (const auto& other : connections_) {
      if (other->id.type == ChannelType::main && other->stream) other->stream->close();
    }
    return;
  }
  const bool foreign_port = connection.port && !connection.port->is_storage();
  if (!foreign_port) queue_.push(ChannelDown{connection.id, named});
}

void SessionCore::drop_connections() {
  agent_.detach();
  abandon_migration();
  main_ = nullptr;
  inputs_ = nullptr;
  devices_running_.clear();
  past_ = statistics();
  for (const auto& connection : std::exchange(connections_, {})) {
    connection->dropped = true;
    if (connection->display) connection->display->silence();
    if (connection->port) connection->port->end(Error(ErrorKind::closed, "the connection is lost"));
    if (connection->record) connection->record->end();
    if (connection->stream) connection->stream->close();
  }
}

void SessionCore::add_statistics(SessionStatistics& sum, const Connection& connection) {
  if (!connection.connection) return;
  add(sum.channels[name_of(connection.id)], connection.connection->stats());
  if (connection.playback) sum.playback = connection.playback->statistics();
  if (connection.record) sum.record = connection.record->statistics();
  if (connection.display) {
    sum.decode_time += connection.display->decode_time();
    const VideoStatistics video = connection.display->video_statistics();
    sum.video.frames += video.frames;
    sum.video.shown += video.shown;
    sum.video.late += video.late;
    sum.video.failed += video.failed;
  }
  if (connection.display_channel != nullptr) {
    sum.decode_time += connection.display_channel->decode_time();
  }
}

SessionStatistics SessionCore::statistics() const {
  SessionStatistics sum = past_;
  for (const auto& connection : connections_) add_statistics(sum, *connection);
  sum.server = server_name();
  sum.migrations = migrations_;
  const bool connected = migration_ && migration_->connected;
  sum.waiting_elsewhere = connected ? migration_->places.size() : 0;
  return sum;
}

/// For reports on video: 0xffffffff while no sound plays.
std::uint32_t SessionCore::audio_delay() const {
  for (const auto& connection : connections_) {
    if (!connection->playback) continue;
    if (const auto delay = connection->playback->delay()) return *delay;
  }
  return 0xffffffffu;
}

std::string SessionCore::server_name() const {
  return net::to_string(target_->plain ? *target_->plain : *target_->tls);
}

void SessionCore::drained() {
  for (const auto& connection : connections_) {
    if (connection->display) connection->display->resume();
  }
}

bool SessionCore::wanted(ChannelId id) const {
  switch (id.type) {
    case ChannelType::display:
      return id.id == options_.display;
    case ChannelType::inputs:
      return options_.input && id.id == 0;
    case ChannelType::cursor:
      return options_.input && id.id == options_.display;
    case ChannelType::playback:
      return options_.audio_sink != nullptr && id.id == 0;
    case ChannelType::record:
      return options_.audio_source != nullptr && id.id == 0;
    case ChannelType::port:
      return options_.storage;
    default:
      return devices_.wants(id);
  }
}

void SessionCore::main_init(const channels::MainInit& init) {
  session_id_ = init.session_id;
  media_clock_->set(init.multi_media_time, clock_.now());
  was_up_ = true;
  if (migration_ && migration_->awaits_init) {
    begin_anew();
  } else {
    queue_.push(SessionUp{});
  }
  main_mouse_mode(init.supported_mouse_modes,
                  static_cast<channels::MouseMode>(init.current_mouse_mode));
}

void SessionCore::main_channels(const std::vector<ChannelId>& channels) {
  for (const ChannelId id : channels) {
    const bool open = std::any_of(connections_.begin(), connections_.end(),
                                  [&](const auto& other) { return other->id == id; });
    if (is_device(id.type) && wanted(id)) asio::co_spawn(io_, run_device(id), asio::detached);
    if (is_device(id.type)) continue;
    if (wanted(id) && !open) asio::co_spawn(io_, run_channel(id), asio::detached);
  }
}

void SessionCore::main_mouse_mode(std::uint32_t supported, channels::MouseMode current) {
  const auto client = static_cast<std::uint32_t>(channels::MouseMode::client);
  queue_.push(MouseModeSet{current});
  // A pointer that goes where the hand points is what a person expects, where the guest can do it.
  if (current != channels::MouseMode::client && (supported & client) != 0 && main_ != nullptr) {
    main_->request_mouse_mode(channels::MouseMode::client);
  }
}

void SessionCore::main_name(const std::string& name) { queue_.push(GuestNamed{name}); }
void SessionCore::main_multi_media_time(std::uint32_t time) {
  media_clock_->set(time, clock_.now());
}
void SessionCore::main_notify(std::uint32_t severity, std::string_view text) {
  queue_.push(ServerNotice{severity, std::string(text)});
}
void SessionCore::main_closed(const Error&) {
  agent_.detach();
  main_ = nullptr;
}

void SessionCore::inputs_modifiers(std::uint16_t modifiers) { queue_.push(GuestLocks{modifiers}); }
void SessionCore::inputs_closed(const Error&) { inputs_ = nullptr; }

void SessionCore::cursor_set(const channels::CursorState& state) {
  CursorSet event{state, {}};
  if (state.shape) {
    if (auto picture = channels::cursor_to_argb(*state.shape)) {
      event.picture = std::move(*picture);
    } else {
      log_warn("cursor", "{}", picture.error().message());
    }
  }
  queue_.push(std::move(event), event.picture.byte_size());
}
void SessionCore::cursor_move(raster::Point position) { queue_.push(CursorMoved{position}); }
void SessionCore::cursor_hide() { queue_.push(CursorHidden{}); }
void SessionCore::cursor_closed(const Error&) {}

}  // namespace cassia::client
