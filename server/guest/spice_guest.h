// SPDX-License-Identifier: Apache-2.0
#pragma once

// The guest behind an upstream SPICE server (QEMU's -spice, Xspice): the gateway is its one client.

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/stream.h"
#include "server/guest/guest_source.h"

namespace cassia::server {

struct SpiceGuestOptions {
  net::Address address;
  std::string user;  ///< for SASL; empty: a ticket, where the server takes one
  std::string password;
  net::TlsClientOptions tls;
  /// Names of ports to relay besides the shared folder's; see may_relay_port().
  std::vector<std::string> relay_ports;
  bool audio_compression = true;  ///< let the upstream code its sound as Opus
  Duration connect_timeout = std::chrono::seconds(10);
  /// Waits between attempts: from the first, doubled, up to the second.
  Duration first_retry = std::chrono::milliseconds(200);
  Duration longest_retry = std::chrono::seconds(5);
};

/// `clock` must outlive the guest.
std::unique_ptr<GuestSource> make_spice_guest(net::Executor executor, const Clock& clock,
                                              SpiceGuestOptions options);

}  // namespace cassia::server
