// SPDX-License-Identifier: Apache-2.0
#pragma once

// Who may link which channel: the answers of one connection's handshake.

#include <memory>

#include "channels/link/server_connection.h"
#include "server/gateway/session.h"

namespace cassia::server {

/// Finds and makes sessions; implemented by the Gateway.
class SessionRegistry {
 public:
  virtual ~SessionRegistry() = default;
  virtual const channels::TicketKey& ticket_key() const = 0;
  /// True if the password is right, or none is asked for.
  virtual bool admits(std::string_view password) const = 0;
  /// Null if there is none (any more).
  virtual std::shared_ptr<Session> find_session(std::uint32_t id) = 0;
  virtual Result<std::shared_ptr<Session>> new_session(const std::string& peer) = 0;
};

/// Must not outlive the registry; must outlive the ServerConnection that asks it.
class LinkGate final : public channels::LinkPolicy {
 public:
  /// `opened` is called when the handshake has succeeded.
  LinkGate(SessionRegistry& registry, std::string peer, std::function<void()> opened)
      : registry_(registry), peer_(std::move(peer)), opened_(std::move(opened)) {}

  const channels::TicketKey& ticket_key() const override { return registry_.ticket_key(); }
  spice::Capabilities capabilities(spice::ChannelType type) const override;
  Result<void> check_request(const channels::LinkRequest& request) override;
  Result<void> check_password(const channels::LinkRequest& request,
                              std::string_view password) override;
  Result<std::unique_ptr<channels::Channel>> open(const channels::LinkRequest& request) override;

  /// The session that this connection belongs to, once it is open.
  const std::shared_ptr<Session>& session() const { return session_; }

 private:
  SessionRegistry& registry_;
  std::string peer_;
  std::function<void()> opened_;
  std::shared_ptr<Session> session_;
  std::shared_ptr<void> events_;  ///< of the channel that open() made
};

}  // namespace cassia::server
