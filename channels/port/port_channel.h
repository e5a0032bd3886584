// SPDX-License-Identifier: Apache-2.0
#pragma once

// The port channel, both roles: a named byte stream through the session. A port has no credits of
// its own, only the connection's: send in chunks while link()->writable(), and let a slow consumer
// pause_reading().

#include <cstdint>
#include <memory>
#include <string>

#include "channels/link/channel.h"

namespace cassia::channels {

enum class PortEvent : std::uint8_t { opened, closed, break_ };  // SPICE_PORT_EVENT_*

/// Largest piece of data put into one message.
inline constexpr std::size_t port_chunk = 64u << 10;

class PortEvents {
 public:
  virtual ~PortEvents() = default;
  /// Client role: SPICE_MSG_PORT_INIT. Server role: the link is up (call send_init()).
  virtual void port_opened(const std::string& name, bool opened) = 0;
  virtual void port_data(ByteView data) = 0;  ///< borrowed for the call
  virtual void port_event(PortEvent event) = 0;
  virtual void port_writable() {}
  virtual void port_closed(const Error& why) = 0;
};

class PortClient : public Channel {
 public:
  static std::unique_ptr<PortClient> create(PortEvents& events);
  virtual void send_data(ByteView data) = 0;  ///< cut into chunks
  virtual void send_event(PortEvent event) = 0;
};

class PortServer : public Channel {
 public:
  static std::unique_ptr<PortServer> create(PortEvents& events);
  virtual void send_init(const std::string& name, bool opened) = 0;
  virtual void send_data(ByteView data) = 0;
  virtual void send_event(PortEvent event) = 0;
};

}  // namespace cassia::channels
