// SPDX-License-Identifier: Apache-2.0
#pragma once

// The main channel, both roles: session id, the list of channels, mouse mode, agent link, names.

#include <array>
#include <cstdint>
#include <memory>
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
  virtual void main_closed(const Error& why) = 0;
};

/// Sends ATTACH_CHANNELS by itself after INIT. `events` must outlive it.
class MainClient : public Channel, public AgentPipe {
 public:
  static std::unique_ptr<MainClient> create(MainClientEvents& events);
  virtual void request_mouse_mode(MouseMode mode) = 0;
};

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
};

}  // namespace cassia::channels
