// SPDX-License-Identifier: Apache-2.0
#pragma once

// The network thread's half of a Session: connections, their channels, and what they feed into the
// event queue.

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>

#include "channels/cursor/cursor_channel.h"
#include "channels/inputs/inputs_channel.h"
#include "channels/link/client_connection.h"
#include "channels/main/main_channel.h"
#include "client/audio/audio_feeds.h"
#include "client/devices/device_set.h"
#include "client/session/agent_link.h"
#include "client/session/display_feed.h"
#include "client/session/event_queue.h"
#include "client/session/session.h"
#include "client/session/storage_link.h"
#include "dial/route.h"
#include "net/stream.h"

namespace cassia::codec {
class DecodePool;
}

namespace cassia::client {

/// Network thread only, from its construction on (except where said).
class SessionCore final : channels::MainClientEvents,
                          channels::InputsClientEvents,
                          channels::CursorClientEvents {
 public:
  /// `decode_pool`, `video_pool`: where displays decode images and video; null: on the network
  /// thread. They are stopped before `io` goes.
  SessionCore(boost::asio::io_context& io, const SessionOptions& options, EventQueue& queue,
              codec::DecodePool* decode_pool, StrandPool* video_pool = nullptr);
  ~SessionCore();

  /// Connects, stays connected, and ends when nothing more is to be tried.
  net::Task<> run();

  channels::InputsClient* inputs() { return inputs_; }  ///< null while there is none
  channels::MainClient* main() { return main_; }
  StorageLink& storage() { return storage_; }
  AgentLink& agent() { return agent_; }
  /// The main thread has emptied the queue.
  void drained();
  SessionStatistics statistics() const;
  /// The event loop is about to go: nothing that belongs to it may stay here. Any thread, once the
  /// network thread has ended.
  void release();

 private:
  struct Connection;
  struct Migration;
  struct Place;

  net::Task<Error> run_once();
  net::Task<> run_channel(spice::ChannelId id);
  net::Task<> run_device(spice::ChannelId id);
  void retire(const std::shared_ptr<Connection>& connection);
  net::Task<Error> serve(std::shared_ptr<Connection> connection);
  std::shared_ptr<Connection> make_connection(spice::ChannelId id);
  std::unique_ptr<channels::Channel> make_channel(Connection& connection);
  void on_channel_end(const Connection& connection, const Error& why);
  void drop_connections();
  static void add_statistics(SessionStatistics& sum, const Connection& connection);

  // Migration: session_migration.cc.
  void add_place(const Connection& source);
  net::Task<> run_place(std::shared_ptr<Connection> place);
  Place* place_of(spice::ChannelId id);
  bool waits(const Connection& place);
  void place_opened(Connection& place);
  void place_ready(Connection& place);
  void fail_migration(const Error& why);
  void abandon_migration();
  void close_spent(Migration& migration);
  channels::MovedChannel let_go(Connection& source);
  void move_channel(Connection& source, const Place& place, std::optional<Bytes> data);
  void on_migrate(const std::shared_ptr<Connection>& source, std::optional<Bytes> data);
  void begin_anew();
  void finish_migration();
  bool wanted(spice::ChannelId id) const;
  std::string server_name() const;
  std::uint32_t audio_delay() const;

  void main_init(const channels::MainInit& init) override;
  void main_channels(const std::vector<spice::ChannelId>& channels) override;
  void main_mouse_mode(std::uint32_t supported, channels::MouseMode current) override;
  void main_multi_media_time(std::uint32_t time) override;
  void main_name(const std::string& name) override;
  void main_notify(std::uint32_t severity, std::string_view text) override;
  void main_agent_connected(bool connected) override { agent_.connected(connected); }
  Result<void> main_agent_data(ByteView data) override { return agent_.data(data), Result<void>{}; }
  void main_agent_writable() override { agent_.writable(); }
  void main_migrate_begin(const channels::MigrationTarget& target,
                          std::optional<std::uint32_t> source_version) override;
  void main_migrate_cancel() override;
  void main_migrate_end() override;
  void main_migrate_switch_host(const channels::MigrationTarget& target) override;
  void main_closed(const Error& why) override;
  void inputs_modifiers(std::uint16_t modifiers) override;
  void inputs_closed(const Error& why) override;
  void cursor_set(const channels::CursorState& state) override;
  void cursor_move(raster::Point position) override;
  void cursor_hide() override;
  void cursor_closed(const Error& why) override;

  boost::asio::io_context& io_;
  codec::DecodePool* const decode_pool_;
  StrandPool* const video_pool_;
  const SessionOptions& options_;
  std::shared_ptr<const dial::Target> target_;  ///< where the guest is: it may have migrated
  EventQueue& queue_;
  SteadyClock clock_;
  StorageLink storage_;
  AgentLink agent_;
  DeviceSet devices_;
  std::vector<spice::ChannelId> devices_running_;
  std::vector<std::shared_ptr<Connection>> connections_;
  channels::MainClient* main_ = nullptr;
  channels::InputsClient* inputs_ = nullptr;
  std::uint32_t session_id_ = 0;
  bool was_up_ = false;
  std::optional<Error> display_end_;  ///< a display that ended takes the session with it
  SessionStatistics past_;            ///< of connections that are gone
  std::shared_ptr<channels::SerialBoard> board_;
  std::unique_ptr<Migration> migration_;
  const std::shared_ptr<channels::MediaClock> media_clock_ =
      std::make_shared<channels::MediaClock>();
  std::uint64_t migrations_ = 0;
  bool switching_ = false;  ///< the connections end because the guest is elsewhere
  /// The main channel went to a connection that run_once() does not wait for: its end is told here.
  bool main_moved_ = false;
  std::optional<Error> main_end_;
  std::optional<boost::asio::steady_timer> main_over_;
};

/// Would another attempt make sense after this error?
bool worth_retrying(const Error& why);

}  // namespace cassia::client
