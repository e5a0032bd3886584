// SPDX-License-Identifier: Apache-2.0
// SessionCore's part in a migration. The source names the destination; every channel is connected
// there too, and the source told so. A seamless migration then hands each channel over in the
// middle of its conversation (SPICE_MSG_MIGRATE, with data that we carry); otherwise the source
// says END, the main channel goes over and says so there, and the others begin anew after its INIT.

#include <spice/enums.h>
#include <spice/protocol.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "base/log.h"
#include "client/session/session_connection.h"

namespace cassia::client {

namespace asio = boost::asio;
using spice::ChannelId;
using spice::ChannelType;

namespace {
constexpr auto component = "migration";
}

void SessionCore::main_migrate_begin(const channels::MigrationTarget& target,
                                     std::optional<std::uint32_t> source_version) {
  abandon_migration();
  auto there = dial::moved_to(target, *target_);
  if (!there) {
    log_warn(component, "{}", there.error().message());
    return main_->send_migrate_connect_error();
  }
  log_info(component, "the guest is on its way to {}", target.host);
  migration_ = std::make_unique<Migration>();
  migration_->target = std::make_shared<const dial::Target>(std::move(*there));
  migration_->source_version = source_version;
  for (const auto& connection : connections_) {
    if (connection->id.type == ChannelType::main) add_place(*connection);
  }
}

/// A connection at the destination for the channel that `source` has.
void SessionCore::add_place(const Connection& source) {
  auto place = std::make_shared<Connection>();
  place->id = source.id;
  place->target = migration_->target;
  dial::MigrationChannel::Events events;
  events.opened = [this, raw = place.get()] { place_opened(*raw); };
  events.seamless = [this, raw = place.get()](bool yes) {
    if (!waits(*raw)) return;
    migration_->seamless = yes;
    log_debug(component, "the destination says {} to a seamless migration", yes ? "yes" : "no");
    place_ready(*raw);
  };
  events.failed = [](const Error&) {};  // run_place() hears of it too
  place->holder = std::make_unique<dial::MigrationChannel>(
      source.connection->channel().capabilities(), std::move(events));
  migration_->places.push_back({place, place->holder.get(), false});
  asio::co_spawn(io_, run_place(place), asio::detached);
}

net::Task<> SessionCore::run_place(std::shared_ptr<Connection> place) {
  const Error why = co_await serve(place);
  if (place->dropped) co_return;
  if (waits(*place)) {
    fail_migration(why.in(name_of(place->id)));
  } else if (place->id.type == ChannelType::main) {
    main_end_ = why;
    main_over_->cancel();
  } else {
    on_channel_end(*place, why);
  }
}

SessionCore::Place* SessionCore::place_of(ChannelId id) {
  for (auto& place : migration_->places) {
    if (place.connection->id == id) return &place;
  }
  return nullptr;
}

/// True while it is a place of the migration that is under way.
bool SessionCore::waits(const Connection& place) {
  if (!migration_) return false;
  const Place* known = place_of(place.id);
  return known != nullptr && known->connection.get() == &place;
}

void SessionCore::place_opened(Connection& place) {
  if (!waits(place)) return;
  if (place.id.type != ChannelType::main) return place_ready(place);
  for (const auto& connection : connections_) {
    if (connection->id.type != ChannelType::main && connection->open()) add_place(*connection);
  }
  const auto version = migration_->source_version;
  if (!version || !place_of(place.id)->holder->ask_seamless(*version)) place_ready(place);
}

void SessionCore::place_ready(Connection& place) {
  place_of(place.id)->ready = true;
  for (const auto& other : migration_->places) {
    if (!other.ready) return;
  }
  migration_->connected = true;
  log_debug(component, "{} channels wait there", migration_->places.size());
  if (main_ != nullptr) main_->send_migrate_connected(migration_->seamless);
}

void SessionCore::fail_migration(const Error& why) {
  log_warn(component, "cannot follow the guest: {}", why.message());
  const bool told = migration_->connected;
  abandon_migration();
  if (!told && main_ != nullptr) main_->send_migrate_connect_error();
}

void SessionCore::abandon_migration() {
  if (!migration_) return;
  const auto gone = std::exchange(migration_, nullptr);
  close_spent(*gone);
  for (const auto& place : gone->places) {
    place.connection->dropped = true;
    if (place.connection->stream) place.connection->stream->close();
  }
}

void SessionCore::close_spent(Migration& migration) {
  for (const auto& source : std::exchange(migration.spent, {})) {
    source->connection->say_goodbye(SPICE_LINK_ERR_OK, clock_.now());
  }
}

void SessionCore::main_migrate_cancel() {
  if (migration_) log_info(component, "the guest stays where it is");
  abandon_migration();
}

/// `source` ends without a word to its channel; what it has cost is kept in past_.
channels::MovedChannel SessionCore::let_go(Connection& source) {
  add_statistics(past_, source);
  source.dropped = true;
  std::erase_if(connections_, [&](const auto& c) { return c.get() == &source; });
  return source.connection->release_channel();
}

/// The channel goes on at the destination in the middle of its conversation.
void SessionCore::move_channel(Connection& source, const Place& place, std::optional<Bytes> data) {
  Connection& to = *place.connection;
  connections_.push_back(place.connection);
  to.display = std::move(source.display);
  to.port = std::move(source.port);
  to.device = std::move(source.device);
  to.playback = std::move(source.playback);
  to.record = std::move(source.record);
  to.display_channel = std::exchange(source.display_channel, nullptr);
  auto moved = let_go(source);
  channels::Channel* channel = moved.channel.get();
  const auto holder = to.connection->adopt_channel(std::move(moved), false);
  if (data) to.connection->send_migrate_data(std::move(*data));
  const auto replayed =
      static_cast<dial::MigrationChannel&>(*holder).replay(*channel, clock_.now());
  if (!replayed) {
    log_warn(component, "{}: {}", name_of(to.id), replayed.error().message());
    to.stream->close();
  }
}

// SPICE_MSG_MIGRATE on one channel: the seamless kind.
void SessionCore::on_migrate(const std::shared_ptr<Connection>& source, std::optional<Bytes> data) {
  log_debug(component, "{} goes over with {} bytes", name_of(source->id), data ? data->size() : 0);
  if (!migration_ || !migration_->connected || place_of(source->id) == nullptr) {
    log_warn(component, "{}: the server gives it up, but nothing waits elsewhere",
             name_of(source->id));
    return;
  }
  const Place place = *place_of(source->id);
  std::erase_if(migration_->places,
                [&](const auto& other) { return other.connection == place.connection; });
  if (source->id.type == ChannelType::main) main_moved_ = true;
  migration_->spent.push_back(source);
  move_channel(*source, place, std::move(data));
  if (migration_->places.empty()) finish_migration();
}

// The other kind: only the main channel goes on; the others begin anew.
void SessionCore::main_migrate_end() {
  if (!migration_ || !migration_->connected || migration_->awaits_init) return;
  const Place place = migration_->places.front();
  migration_->places.erase(migration_->places.begin());
  migration_->awaits_init = true;
  std::shared_ptr<Connection> main;
  const auto all = connections_;
  for (const auto& source : all) {
    if (source->id.type == ChannelType::main) {
      main = source;
      continue;
    }
    if (source->display) source->display->silence();
    if (source->port) source->port->end(Error(ErrorKind::closed, "the guest has moved"));
    if (source->playback) source->playback->playback_stop();
    if (source->record) source->record->end();
    if (source->id.type == ChannelType::inputs) inputs_ = nullptr;
    if (source->connection) {
      let_go(*source);
    } else {
      source->dropped = true;
    }
    source->device.reset();
    source->playback.reset();
    source->record.reset();  // or the microphone would be stopped under the next one
    if (source->stream) source->stream->close();
  }
  main_moved_ = true;
  migration_->spent.push_back(main);
  move_channel(*main, place, std::nullopt);
  main_->send_migrate_end();
}

void SessionCore::begin_anew() {
  for (const auto& place : std::exchange(migration_->places, {})) {
    Connection& to = *place.connection;
    if (to.id.type == ChannelType::display) queue_.push(DisplayEvent{to.id.id, DisplayReset{}});
    connections_.push_back(place.connection);
    if (is_device(to.id.type)) {
      auto device = devices_.make(to.id);
      if (!device) {
        log_warn(component, "{}: {}", name_of(to.id), device.error().message());
        to.stream->close();
        continue;
      }
      to.device = std::move(*device);
    }
    auto channel = make_channel(to);
    channels::Channel* raw = channel.get();
    const auto holder = to.connection->adopt_channel({std::move(channel), 0, 0}, true);
    const auto replayed = static_cast<dial::MigrationChannel&>(*holder).replay(*raw, clock_.now());
    if (!replayed) to.stream->close();
  }
  finish_migration();
}

void SessionCore::finish_migration() {
  target_ = migration_->target;
  board_ = migration_->board;
  close_spent(*migration_);
  migration_.reset();
  ++migrations_;
  log_info(component, "the guest is at {} now", server_name());
}

// The server could not have us wait there, or did not try: a session of its own at the new host.
void SessionCore::main_migrate_switch_host(const channels::MigrationTarget& target) {
  auto there = dial::moved_to(target, *target_);
  if (!there) return log_warn(component, "{}", there.error().message());
  target_ = std::make_shared<const dial::Target>(std::move(*there));
  log_info(component, "the guest is at {} now", server_name());
  switching_ = true;
  ++migrations_;
  main_->link()->close();
}

}  // namespace cassia::client
