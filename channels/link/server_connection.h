// SPDX-License-Identifier: Apache-2.0
#pragma once

// Server side of one SPICE connection, from the first byte: link message, reply with our RSA key,
// ticket or SASL, link result, then framing, acks and pings for the Channel that the policy made.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/endpoint.h"
#include "channels/link/channel.h"
#include "channels/link/sasl.h"

namespace cassia::channels {

/// The RSA key pair whose public half goes out in link replies (1024 bits, as SPICE fixes it).
/// Made once per server (takes milliseconds). Thread-compatible.
class TicketKey {
 public:
  virtual ~TicketKey() = default;
  static Result<std::shared_ptr<const TicketKey>> generate();
  /// SubjectPublicKeyInfo in DER: SPICE_TICKET_PUBKEY_BYTES bytes.
  virtual ByteView public_key() const = 0;
  /// The password of a ticket (RSA-OAEP, SHA-1), without its terminating zero.
  virtual Result<std::string> decrypt(ByteView ticket) const = 0;
};

/// What a client said in its SpiceLinkMess.
struct LinkRequest {
  spice::ChannelId channel;
  std::uint32_t connection_id = 0;
  spice::Capabilities common;
  spice::Capabilities channel_caps;
};

/// The gateway's answers during a handshake. Called on the connection's thread.
class LinkPolicy {
 public:
  virtual ~LinkPolicy() = default;
  virtual const TicketKey& ticket_key() const = 0;
  /// Channel capabilities to offer for this type.
  virtual spice::Capabilities capabilities(spice::ChannelType type) const = 0;
  /// Before the ticket. The kind of a refusal decides what the client is told: not_found
  /// (CHANNEL_NOT_AVAILABLE), invalid_argument (BAD_CONNECTION_ID), permission (NEED_SECURED: this
  /// channel only over TLS), unsupported (NEED_UNSECURED: only without), auth (PERMISSION_DENIED),
  /// malformed (INVALID_DATA), else ERROR.
  virtual Result<void> check_request(const LinkRequest& request) = 0;
  /// ErrorKind::auth when it is wrong: the client gets SPICE_LINK_ERR_PERMISSION_DENIED.
  virtual Result<void> check_password(const LinkRequest& request, std::string_view password) = 0;
  /// False where only SASL will do: tickets are neither offered nor taken.
  virtual bool takes_tickets() const { return true; }
  /// One connection's SASL authentication; null where it is not offered. Asked for only if the
  /// client knows SASL.
  virtual Result<std::unique_ptr<SaslServer>> make_sasl(const LinkRequest& request) {
    (void)request;
    return std::unique_ptr<SaslServer>();
  }
  /// SASL has found out who it is; errors as in check_password().
  virtual Result<void> check_user(const LinkRequest& request, const std::string& user) {
    (void)request, (void)user;
    return {};
  }
  /// The handshake has succeeded: make the channel. A refusal is told as in check_request().
  virtual Result<std::unique_ptr<Channel>> open(const LinkRequest& request) = 0;
};

struct ServerConnectionLimits {
  std::size_t max_client_message = 1u << 20;  ///< larger ones are an error
  std::uint32_t ack_window = 20;              ///< messages between two acks of the client
  std::size_t writable_below = 64u << 10;     ///< pending bytes below which writable() may be true
  std::size_t max_pending = std::size_t{256} << 20;  ///< a client that lets more pile up is cut off
  bool carries_descriptors = false;  ///< the transport takes them along (a unix socket)
  bool ping_main = false;            ///< measure the line once, when a main channel opens
};

/// `policy` must outlive the connection.
class ServerConnection : public Endpoint {
 public:
  static std::unique_ptr<ServerConnection> create(LinkPolicy& policy,
                                                  ServerConnectionLimits limits = {});
  /// Null until the handshake is done.
  virtual Channel* channel() = 0;
  virtual const TrafficStats& stats() const = 0;
  /// True once open: before that the owner applies its handshake timeout.
  virtual bool open() const = 0;
  /// Asks the client for an answer, with `filler` bytes to measure the line with.
  virtual void ping(TimePoint now, std::size_t filler = 0) = 0;
  /// How long the answer to the last ping took; nothing before there was one.
  virtual std::optional<Duration> round_trip() const = 0;
};

}  // namespace cassia::channels
