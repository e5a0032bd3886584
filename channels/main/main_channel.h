// SPDX-License-Identifier: Apache-2.0
#pragma once

// The main channel, both roles: session id, the list of channels, mouse mode, agent link, names.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "channels/link/channel.h"

namespace cassia::channels {

enum class MouseMode : std::uint32_t { server = 1, client = 2 };  // SPICE_MOUSE_MODE_*

/// SPICE_MSG_MAIN_INIT.
struct MainInit {
  std::uint32_t session_id = 0;
  std::uint32_t display_channels_hint = 1;
  std::uint32_t supported_mouse_modes = 3;  ///< bit mask of MouseMode
  std::uint32_t current_mouse_mode = 1;
  bool agent_connected = false;
  std::uint32_t agent_tokens = 0;
  std::uint32_t multi_media_time = 0;  ///< milliseconds
  std::uint32_t ram_hint = 0;
};

/// Where a guest migrates to, as the server said it: nothing of it has been checked.
struct MigrationTarget {
  std::string host;
  std::uint16_t port = 0;      ///< 0: none without TLS
  std::uint16_t tls_port = 0;  ///< 0: none with TLS
  std::string cert_subject;    ///< of the certificate there; empty: the host name counts
};

using Uuid = std::array<std::uint8_t, 16>;

/// The way to the other side's agent, in both roles.
class AgentPipe {
 public:
  virtual ~AgentPipe() = default;
  /// One agent message, header and body, cut up and held back by the peer's tokens. Bounded: busy
  /// when 1 MiB waits already; closed when there is no agent.
  virtual Result<void> send_agent_message(const std::vector<SharedBytes>& message) = 0;
  /// Bytes that wait for tokens. A sender of bulk stops at agent_bulk_backlog and goes on when told
  /// that the pipe is writable.
  virtual std::size_t agent_backlog() const = 0;
  /// While true, what the peer sends is still delivered but its tokens are kept: it soon stops.
  virtual void pause_agent(bool paused) = 0;
};
inline constexpr std::size_t agent_bulk_backlog = 128u << 10;

class MainClientEvents {
 public:
  virtual ~MainClientEvents() = default;
  virtual void main_init(const MainInit& init) = 0;
  virtual void main_channels(const std::vector<spice::ChannelId>& channels) = 0;
  virtual void main_mouse_mode(std::uint32_t supported, MouseMode current) = 0;
  virtual void main_multi_media_time(std::uint32_t time) { (void)time; }
  virtual void main_agent_connected(bool connected) { (void)connected; }
  /// Any part of the agent's byte stream, borrowed for the call. An error ends the connection.
  virtual Result<void> main_agent_data(ByteView data) { return (void)data, Result<void>{}; }
  /// What waited for the agent has become less: see agent_backlog().
  virtual void main_agent_writable() {}
  virtual void main_name(const std::string& name) { (void)name; }
  virtual void main_uuid(const Uuid& uuid) { (void)uuid; }
  virtual void main_notify(std::uint32_t severity, std::string_view text) {
    (void)severity, (void)text;
  }

  // Migration. Begin: connect every channel there as well (source_version: and ask for a seamless
  // one), then answer with send_migrate_connected() or send_migrate_connect_error().
  virtual void main_migrate_begin(const MigrationTarget& target,
                                  std::optional<std::uint32_t> source_version) {
    (void)target, (void)source_version;
  }
  virtual void main_migrate_cancel() {}
  /// The guest runs there now (not seamless): go on there.
  virtual void main_migrate_end() {}
  /// The guest runs there now, and no connections wait there: begin anew there.
  virtual void main_migrate_switch_host(const MigrationTarget& target) { (void)target; }
  virtual void main_closed(const Error& why) = 0;
};

struct MainClientOptions {
  /// Offer to follow a migrating guest; a server whose client does not is left with SWITCH_HOST.
  bool migration = false;
};

/// Sends ATTACH_CHANNELS by itself after INIT. `events` must outlive it.
class MainClient : public Channel, public AgentPipe {
 public:
  static std::unique_ptr<MainClient> create(MainClientEvents& events,
                                            MainClientOptions options = {});
  virtual void send_migrate_connected(bool seamless) = 0;
  virtual void send_migrate_connect_error() = 0;
  /// To the destination, in its first message: the guest is there now. Its INIT follows, after
  /// which the channels are not attached anew. The agent of before is gone until then.
  virtual void send_migrate_end() = 0;
  virtual void request_mouse_mode(MouseMode mode) = 0;
};

/// The first thing that the destination of a seamless migration is asked.
Bytes encode_do_seamless(std::uint32_t source_version);

class MainServerEvents {
 public:
  virtual ~MainServerEvents() = default;
  /// The link is up: call MainServer::send_init().
  virtual void main_opened() = 0;
  virtual void main_attach_channels() = 0;
  virtual void main_mouse_mode_request(MouseMode mode) = 0;
  /// The client listens to the agent from now on (AGENT_START), anew after each connect.
  virtual void main_agent_started() {}
  /// Any part of the client's byte stream, borrowed for the call. An error ends the connection.
  virtual Result<void> main_agent_data(ByteView data) { return (void)data, Result<void>{}; }
  /// What waited for the client has become less: see agent_backlog().
  virtual void main_agent_writable() {}
  virtual void main_round_trip(Duration round_trip) { (void)round_trip; }
  /// Answers to send_migrate_begin(), on the source.
  virtual void main_migrate_connected(bool seamless) { (void)seamless; }
  virtual void main_migrate_connect_error() {}
  /// On the destination: the client comes for good; send_init() is due.
  virtual void main_migrate_end() {}
  /// On the destination: answer with send_seamless_answer().
  virtual void main_migrate_do_seamless(std::uint32_t source_version) { (void)source_version; }
  /// What the client brings from the source; then, or when it is not understood, send_init().
  virtual void main_migrate_data(ByteView data) { (void)data; }
  virtual void main_flush_mark() {}
  virtual void main_closed(const Error& why) = 0;
};

class MainServer : public Channel, public AgentPipe {
 public:
  static std::unique_ptr<MainServer> create(MainServerEvents& events);
  virtual void send_init(const MainInit& init) = 0;
  virtual void send_channels(const std::vector<spice::ChannelId>& channels) = 0;
  virtual void send_mouse_mode(std::uint32_t supported, MouseMode current) = 0;
  virtual void send_multi_media_time(std::uint32_t time) = 0;
  virtual void send_name(std::string_view name) = 0;
  virtual void send_uuid(const Uuid& uuid) = 0;
  /// severity: SPICE_NOTIFY_SEVERITY_*.
  virtual void send_notify(std::uint32_t severity, std::string_view text) = 0;
  /// `tokens`: AGENT_DATA messages that the client may send before it gets tokens back.
  virtual void send_agent_connected(bool connected, std::uint32_t tokens) = 0;
  /// False, and nothing is sent, if the client does not follow migrations (of this kind).
  virtual bool send_migrate_begin(const MigrationTarget& target,
                                  std::optional<std::uint32_t> source_version) = 0;
  virtual void send_migrate_cancel() = 0;
  virtual void send_migrate_end() = 0;
  virtual void send_migrate_switch_host(const MigrationTarget& target) = 0;
  virtual void send_seamless_answer(bool yes) = 0;
};

}  // namespace cassia::channels
