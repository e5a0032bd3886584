// SPDX-License-Identifier: Apache-2.0
#pragma once

// The guest of a QEMU that shows it over D-Bus (-display dbus): no SPICE server and no QXL is
// needed. Reached through QEMU's monitor (p2p=on), or by its name on a message bus.

#include <memory>
#include <string>

#include "base/clock.h"
#include "net/stream.h"
#include "server/guest/guest_source.h"

namespace cassia::server {

/// Where such a QEMU is.
struct DbusAddress {
  std::string qmp;          ///< path of its monitor's unix socket; empty: on a bus
  std::string bus;          ///< address of that; empty: the session's
  std::string destination;  ///< QEMU's name there
};

/// "dbus+unix:///run/vm/qmp.sock": through the monitor. "dbus:org.qemu" or
/// "dbus:org.qemu@unix:path=/run/bus": a name on the session's or the stated bus. Null: no such
/// URI.
Result<DbusAddress> parse_dbus_uri(const std::string& uri);
bool is_dbus_uri(const std::string& uri);

struct DbusGuestOptions {
  DbusAddress address;
  Duration connect_timeout = std::chrono::seconds(5);
  /// Waits between attempts: from the first, doubled, up to the second.
  Duration first_retry = std::chrono::milliseconds(200);
  Duration longest_retry = std::chrono::seconds(5);
};

/// `clock` must outlive the guest.
std::unique_ptr<GuestSource> make_dbus_guest(net::Executor executor, const Clock& clock,
                                             DbusGuestOptions options);

}  // namespace cassia::server
