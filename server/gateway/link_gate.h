// SPDX-License-Identifier: Apache-2.0
#pragma once

// Who may link which channel: the answers of one connection's handshake.

#include <memory>

#include "channels/link/server_connection.h"
#include "server/gateway/access.h"
#include "server/gateway/session.h"

namespace cassia::server {

/// Finds and makes sessions; implemented by the Gateway.
class SessionRegistry {
 public:
  virtual ~SessionRegistry() = default;
  virtual const channels::TicketKey& ticket_key() const = 0;
  /// True if the password is right, or none is asked for.
  virtual bool admits(std::string_view password) const = 0;
  virtual const AccessPolicy& access() const = 0;
  /// Null if there is none (any more).
  virtual std::shared_ptr<Session> find_session(std::uint32_t id) = 0;
  virtual Result<std::shared_ptr<Session>> new_session(const std::string& peer,
                                                       const std::string& user) = 0;
};

/// The connection that asks.
struct GatePeer {
  std::string name;
  unsigned tls_bits = 0;  ///< 0: no TLS
  bool is_unix = false;
};

/// Must not outlive the registry; must outlive the ServerConnection that asks it.
class LinkGate final : public channels::LinkPolicy {
 public:
  /// `opened` is called when the handshake has succeeded.
  LinkGate(SessionRegistry& registry, GatePeer peer, std::function<void()> opened)
      : registry_(registry), peer_(std::move(peer)), opened_(std::move(opened)) {}

  const channels::TicketKey& ticket_key() const override { return registry_.ticket_key(); }
  spice::Capabilities capabilities(spice::ChannelType type) const override;
  Result<void> check_request(const channels::LinkRequest& request) override;
  Result<void> check_password(const channels::LinkRequest& request,
                              std::string_view password) override;
  bool takes_tickets() const override { return registry_.access().tickets; }
  Result<std::unique_ptr<channels::SaslServer>> make_sasl(
      const channels::LinkRequest& request) override;
  Result<void> check_user(const channels::LinkRequest& request, const std::string& user) override;
  Result<std::unique_ptr<channels::Channel>> open(const channels::LinkRequest& request) override;

  /// What follows the handshake may be protected by SASL.
  bool by_sasl_without_tls() const { return !user_.empty() && peer_.tls_bits == 0; }
  /// The session that this connection belongs to, once it is open.
  const std::shared_ptr<Session>& session() const { return session_; }

 private:
  SessionRegistry& registry_;
  GatePeer peer_;
  std::string user_;  ///< whom SASL has found
  std::function<void()> opened_;
  std::shared_ptr<Session> session_;
  std::shared_ptr<void> events_;  ///< of the channel that open() made
};

}  // namespace cassia::server
