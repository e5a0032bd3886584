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

Result<void> LinkGate::check_password(const channels::LinkRequest&, std::string_view password) {
  if (registry_.admits(password)) return {};
  return fail(ErrorKind::auth, "wrong password");
}

Result<std::unique_ptr<channels::Channel>> LinkGate::open(const channels::LinkRequest& request) {
  JoinedChannel joined;
  if (request.channel.type == ChannelType::main) {
    session_ = CASSIA_TRY(registry_.new_session(peer_));
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
