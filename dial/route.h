// SPDX-License-Identifier: Apache-2.0
#pragma once

// How a SPICE client reaches a server: which of its ports for which channel, by which proxy, and
// who it says it is. Shared by all that are clients: the viewer, cassia-disk, and the gateway
// towards its guest. Source: virt-viewer's remote-viewer(1) (tls-port, secure-channels),
// spice-gtk's behaviour on SPICE_LINK_ERR_NEED_SECURED.

#include <optional>
#include <string>
#include <vector>

#include "channels/link/client_connection.h"
#include "net/stream.h"

namespace cassia::dial {

struct Target {
  std::optional<net::Address> plain;  ///< TCP or a unix socket; at least one of the two is there
  std::optional<net::Address> tls;
  /// Names of channels that must go over TLS, or "all". Where the server has both ports: if this is
  /// empty every channel tries TLS first, otherwise the others try the plain port first.
  std::vector<std::string> secure_channels;
  std::string user;  ///< for SASL; may be empty
  std::string password;
  net::ConnectOptions connect;
};

/// `address` alone, by its own transport.
Target target_of(const net::Address& address);

/// The way of one channel. The target must outlive it.
class Route {
 public:
  Route(const Target& target, spice::ChannelType channel);

  const net::Address& address() const { return over_tls_ ? *target_.tls : *target_.plain; }

  /// The server has refused with this SPICE_LINK_ERR_ code: true if it is worth trying again, now
  /// at the other port. True once at most. A channel that must go over TLS never turns to the plain
  /// one.
  bool turn(std::optional<std::uint32_t> refusal);

  /// What the link needs to know for a connection that `stream` has made.
  channels::ClientLinkParams link_params(const net::Stream& stream, spice::ChannelId channel,
                                         std::uint32_t connection_id) const;

 private:
  const Target& target_;
  bool must_be_secure_ = false;
  bool over_tls_ = false;
  bool turned_ = false;
};

}  // namespace cassia::dial
