// SPDX-License-Identifier: Apache-2.0
#pragma once

// The port channel, both roles: a named byte stream through the session; and its kin, webdav (a
// port of another channel type) and usbredir (the stream alone: no name, no events). A stream has
// no credits of its own, only the connection's: send in chunks while link()->writable(), and let a
// slow consumer pause_reading(). Source: spice/enums.h (SPICE_MSG_SPICEVMC_*, SPICE_MSG_PORT_*).
//
// Data is compressed with LZ4 where the peer offers SPICE_SPICEVMC_CAP_DATA_COMPRESS_LZ4 and it
// becomes smaller; compressed data is always understood.

#include <cstdint>
#include <memory>
#include <string>

#include "channels/link/channel.h"

namespace cassia::channels {

enum class PortEvent : std::uint8_t { opened, closed, break_ };  // SPICE_PORT_EVENT_*

/// Largest piece of data put into one message.
inline constexpr std::size_t port_chunk = 64u << 10;
/// Largest message taken, and largest data that a compressed one may hold: a USB transfer of 1 MiB
/// goes as one message, with its headers.
inline constexpr std::size_t largest_port_data = std::size_t{4} << 20;

struct PortOptions {
  /// False: the usbredir channel, whose peers know no name and no events.
  bool named = true;
  /// Compress if the peer offers it. Not worth it on a unix socket.
  bool compress = true;
};

class PortEvents {
 public:
  virtual ~PortEvents() = default;
  /// Client role: SPICE_MSG_PORT_INIT; of a stream without a name that the link is up. Server role:
  /// the link is up (call send_init() if it has a name).
  virtual void port_opened(const std::string& name, bool opened) = 0;
  virtual void port_data(ByteView data) = 0;  ///< borrowed for the call
  virtual void port_event(PortEvent event) = 0;
  virtual void port_writable() {}
  virtual void port_closed(const Error& why) = 0;
};

class PortClient : public Channel {
 public:
  static std::unique_ptr<PortClient> create(PortEvents& events, PortOptions options = {});
  virtual void send_data(ByteView data) = 0;  ///< cut into chunks
  virtual void send_event(PortEvent event) = 0;
};

class PortServer : public Channel {
 public:
  static std::unique_ptr<PortServer> create(PortEvents& events, PortOptions options = {});
  virtual void send_init(const std::string& name, bool opened) = 0;
  virtual void send_data(ByteView data) = 0;
  virtual void send_event(PortEvent event) = 0;
};

}  // namespace cassia::channels
