// SPDX-License-Identifier: Apache-2.0
#pragma once

// Device channels (ports, usbredir, webdav, smartcard) pass through the gateway between two ends: a
// viewer's and the guest's. An end knows its peer weakly and gives it what arrives; bytes pass
// untouched. Back pressure goes through: who hands over looks whether the peer takes more, stops
// reading if not, and is told when it does again.

#include <memory>
#include <string>
#include <vector>

#include "channels/port/port_channel.h"
#include "channels/smartcard/smartcard_channel.h"

namespace cassia::server {

/// A device channel that the guest offers.
struct GuestDevice {
  spice::ChannelId id;  ///< the guest adapter's number
  std::string name;     ///< of a port or webdav channel
};

/// Event loop's thread only. Calls may come from inside a call on the peer.
class DeviceEnd {
 public:
  virtual ~DeviceEnd() = default;

  /// To a viewer's end: the guest's is up. For a port its name and whether the guest has it open.
  virtual void device_ready(const std::string& name, bool opened) = 0;
  virtual void device_data(ByteView data) = 0;  ///< borrowed for the call, as are card messages
  virtual void device_event(channels::PortEvent event) = 0;
  virtual void device_card(const channels::CardMessage& message) = 0;

  /// False: what is handed over now piles up here; stop for now.
  virtual bool device_takes() const = 0;
  /// The peer takes more again.
  virtual void device_resume() = 0;
  /// The peer is gone.
  virtual void device_gone(const Error& why) = 0;
};

}  // namespace cassia::server
