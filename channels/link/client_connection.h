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
#include "channels/link/serial_board.h"

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
  /// The server gives the channel up to the host that the guest migrates to (SPICE_MSG_MIGRATE; its
  /// flush mark has been answered). `data`, where the server has some, is for that host, untouched.
  /// Called from receive(); nothing more from this connection is handled. Without it the message
  /// is answered and that is all.
  std::function<void(std::optional<Bytes> data)> on_migrate;
  /// Shared by the connections of a session; null: WAIT_FOR_CHANNELS waits for nothing.
  std::shared_ptr<SerialBoard> board;
  /// The transport takes file descriptors along (a unix socket).
  bool carries_descriptors = false;
  /// A server message that states more is an error.
  std::size_t max_server_message = std::size_t{64} << 20;
};

/// A channel between two connections of its session.
struct MovedChannel {
  std::unique_ptr<Channel> channel;
  std::uint32_t ack_window = 0;
  std::uint64_t serial = 0;  ///< of the last message that it has handled
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

  /// Takes the channel away, for another connection. Not told to the channel. This connection
  /// stays, hears nothing more, and ends with say_goodbye(): a source of a migration takes the end
  /// of one channel for the end of the session while others are still on their way.
  virtual MovedChannel release_channel() = 0;
  /// This open connection goes on with `moved`; what it had is returned. `fresh`: the channel
  /// begins anew (Channel::on_open()); else it goes on in the middle of its conversation.
  virtual std::unique_ptr<Channel> adopt_channel(MovedChannel moved, bool fresh) = 0;
  /// What the source of a migration sent for the destination, which this is the connection to.
  virtual void send_migrate_data(Bytes data) = 0;
  /// SPICE_MSGC_DISCONNECTING with a reason (SPICE_LINK_ERR_*), then the end.
  virtual void say_goodbye(std::uint32_t reason, TimePoint now) = 0;
};

}  // namespace cassia::channels
