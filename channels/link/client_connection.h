// SPDX-License-Identifier: Apache-2.0
#pragma once

// Client side of one SPICE connection: link handshake, ticket or SASL, framing, acks, pings; then
// its Channel gets the messages. Source: spice/protocol.h (SpiceLinkMess, SpiceLinkReply, ...) and
// docs "Spice protocol" (link, SPICE_MSG_SET_ACK, SPICE_MSG_PING, ...).

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/endpoint.h"
#include "channels/link/channel.h"
#include "channels/link/sasl.h"

namespace cassia::channels {

struct ClientLinkParams {
  spice::ChannelId channel;
  /// 0 for the main channel of a new session; then the session id that SPICE_MSG_MAIN_INIT gave.
  std::uint32_t connection_id = 0;
  /// At most 60 bytes (SPICE_MAX_PASSWORD_LENGTH); empty where the server asks for none.
  std::string password;
  /// Makes the SASL side of a connection; without it a server that takes nothing else is refused.
  std::function<Result<std::unique_ptr<SaslClient>>()> make_sasl;
  /// SASL also where the server would take a ticket: there is a user name to show.
  bool prefer_sasl = false;
  /// A server message that states more is an error.
  std::size_t max_server_message = std::size_t{64} << 20;
};

/// Output begins with the link message: call take_output() once after construction.
/// Errors of the handshake are of kind auth ("wrong password"), unsupported (version), malformed.
class ClientConnection : public Endpoint {
 public:
  static std::unique_ptr<ClientConnection> create(ClientLinkParams params,
                                                  std::unique_ptr<Channel> channel);
  virtual Channel& channel() = 0;
  virtual const TrafficStats& stats() const = 0;
  virtual bool open() const = 0;  ///< handshake done, not closed
  /// What the end of the connection means where this side knows better than the transport, which
  /// only saw the server close: the server's own words, or a refused SASL authentication.
  virtual std::optional<Error> verdict() const = 0;
  /// The SPICE_LINK_ERR_ code with which the server has refused this channel, if it has.
  virtual std::optional<std::uint32_t> refusal() const = 0;
};

}  // namespace cassia::channels
