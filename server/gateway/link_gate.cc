// SPDX-License-Identifier: Apache-2.0
#include "server/gateway/link_gate.h"

#include <spice/protocol.h>

namespace cassia::server {

using spice::ChannelType;

spice::Capabilities LinkGate::capabilities(ChannelType type) const {
  switch (type) {
    case ChannelType::main:
      return {SPICE_MAIN_CAP_NAME_AND_UUID, SPICE_MAIN_CAP_AGENT_CONNECTED_TOKENS};
    case ChannelType::display:
      return {SPICE_DISPLAY_CAP_MONITORS_CONFIG, SPICE_DISPLAY_CAP_PREF_COMPRESSION,
              SPICE_DISPLAY_CAP_A8_SURFACE};
    case ChannelType::playback:
      return {SPICE_PLAYBACK_CAP_VOLUME, SPICE_PLAYBACK_CAP_LATENCY, SPICE_PLAYBACK_CAP_OPUS};
    case ChannelType::record:
      return {SPICE_RECORD_CAP_VOLUME, SPICE_RECORD_CAP_OPUS};
    case ChannelType::inputs:
      return {SPICE_INPUTS_CAP_KEY_SCANCODE};
    case ChannelType::port:
    case ChannelType::webdav:
    case ChannelType::usbredir:
      return {SPICE_SPICEVMC_CAP_DATA_COMPRESS_LZ4};
    default:
      return {};
  }
}

Result<void> LinkGate::check_request(const channels::LinkRequest& request) {
  const bool tls = peer_.tls_bits > 0;
  if (!tls && !peer_.is_unix && registry_.access().secure.has(request.channel.type)) {
    return fail(ErrorKind::permission, "the {} channel needs TLS",
                spice::to_string(request.channel.type));
  }
  if (tls && registry_.access().plain.has(request.channel.type)) {
    return fail(ErrorKind::unsupported, "the {} channel must not use TLS",
                spice::to_string(request.channel.type));
  }
  if (request.channel.type == ChannelType::main) {
    if (request.connection_id == 0) return {};
    return fail(ErrorKind::invalid_argument, "a main channel for session {}",
                request.connection_id);
  }
  // The list of a session's channels is not told to who has not given the password yet: only
  // whether the session exists, which its random id protects.
  if (!registry_.find_session(request.connection_id)) {
    return fail(ErrorKind::invalid_argument, "{} channel for session {}, which does not exist",
                spice::to_string(request.channel.type), request.connection_id);
  }
  return {};
}

Result<void> LinkGate::check_password(const channels::LinkRequest& request,
                                      std::string_view password) {
  if (!registry_.admits(password)) return fail(ErrorKind::auth, "wrong password");
  const auto session = registry_.find_session(request.connection_id);
  if (!session || session->user().empty()) return {};
  return fail(ErrorKind::auth, "a channel of the session of user '{}' without a user name",
              session->user());
}

Result<std::unique_ptr<channels::SaslServer>> LinkGate::make_sasl(const channels::LinkRequest&) {
  const AccessPolicy& access = registry_.access();
  if (!access.sasl) return std::unique_ptr<channels::SaslServer>();
  auto made = channels::make_cyrus_server(*access.sasl, {peer_.tls_bits, peer_.is_unix});
  if (made || made.error().kind() != ErrorKind::unsupported || peer_.tls_bits > 0) return made;
  if (access.tickets) return std::unique_ptr<channels::SaslServer>();
  // With TLS there may be one: the client is told to come back with it.
  return fail(ErrorKind::permission, "{}", made.error().message());
}

Result<void> LinkGate::check_user(const channels::LinkRequest& request, const std::string& user) {
  const auto& users = registry_.access().users;
  if (user.empty() || (!users.empty() && users.count(user) == 0)) {
    return fail(ErrorKind::auth, "user '{}' is not let in", user);
  }
  if (request.channel.type != ChannelType::main) {
    const auto session = registry_.find_session(request.connection_id);
    if (session && session->user() != user) {
      return fail(ErrorKind::auth, "user '{}' wants a channel of somebody else's session", user);
    }
  }
  user_ = user;
  return {};
}

Result<std::unique_ptr<channels::Channel>> LinkGate::open(const channels::LinkRequest& request) {
  JoinedChannel joined;
  if (request.channel.type == ChannelType::main) {
    session_ = CASSIA_TRY(registry_.new_session(peer_.name, user_));
    joined = session_->open_main();
  } else {
    session_ = registry_.find_session(request.connection_id);
    if (!session_) return fail(ErrorKind::invalid_argument, "the session has ended");
    joined = CASSIA_TRY(session_->open(request.channel));
  }
  events_ = std::move(joined.events);
  opened_();
  return std::move(joined.channel);
}

}  // namespace cassia::server
