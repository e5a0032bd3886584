// SPDX-License-Identifier: Apache-2.0
#pragma once

// Internal to session_core: one channel's connection, and a migration that is under way.

#include "client/session/session_core.h"
#include "dial/migration.h"

namespace cassia::client {

/// Coroutines hold it as long as they run, so it may outlive its place in connections_.
struct SessionCore::Connection {
  spice::ChannelId id;
  std::shared_ptr<const dial::Target> target;
  std::unique_ptr<net::Stream> stream;  ///< null while it connects
  std::unique_ptr<DisplayFeed> display;
  std::unique_ptr<PortFeed> port;
  std::unique_ptr<ClientDevice> device;
  std::unique_ptr<PlaybackFeed> playback;
  std::shared_ptr<RecordFeed> record;
  const channels::DisplayClient* display_channel = nullptr;
  /// At the destination of a migration, until the real channel comes: taken by serve().
  std::unique_ptr<dial::MigrationChannel> holder;
  std::unique_ptr<channels::ClientConnection> connection;  ///< after the feeds: it goes before them
  bool dropped = false;

  bool open() const { return connection && connection->open(); }
};

/// One connection at the destination for each of the session's, while the guest is on its way.
struct SessionCore::Place {
  std::shared_ptr<Connection> connection;
  dial::MigrationChannel* holder = nullptr;  ///< owned by the connection
  bool ready = false;
};
struct SessionCore::Migration {
  std::shared_ptr<const dial::Target> target;
  std::optional<std::uint32_t> source_version;  ///< a seamless one is asked for
  bool seamless = false;                        ///< and the destination agrees
  bool connected = false;                       ///< told to the source
  bool awaits_init = false;                     ///< ended on the source, not seamless
  std::shared_ptr<channels::SerialBoard> board = std::make_shared<channels::SerialBoard>();
  std::vector<Place> places;  ///< the main channel's first
  /// On the source, of channels that have gone over. They end together: the source takes the end of
  /// one for the end of the session.
  std::vector<std::shared_ptr<Connection>> spent;
};

}  // namespace cassia::client
