// SPDX-License-Identifier: Apache-2.0
#include "dial/route.h"

#include <spice/enums.h>
#include <spice/protocol.h>

#include <algorithm>

#include "channels/sasl/cyrus.h"

namespace cassia::dial {

Target target_of(const net::Address& address) {
  Target target;
  (address.transport == net::Transport::tls ? target.tls : target.plain) = address;
  return target;
}

Route::Route(const Target& target, spice::ChannelType channel) : target_(target) {
  const auto& secure = target.secure_channels;
  must_be_secure_ = std::any_of(secure.begin(), secure.end(), [channel](const std::string& name) {
    return name == "all" || name == spice::to_string(channel);
  });
  if (!target.plain) {
    over_tls_ = true;
  } else if (target.tls) {
    over_tls_ = must_be_secure_ || secure.empty();
  }
}

bool Route::turn(std::optional<std::uint32_t> refusal) {
  if (!refusal || turned_ || !target_.plain || !target_.tls) return false;
  const bool to_tls = !over_tls_ && *refusal == SPICE_LINK_ERR_NEED_SECURED;
  const bool to_plain = over_tls_ && !must_be_secure_ && *refusal == SPICE_LINK_ERR_NEED_UNSECURED;
  if (!to_tls && !to_plain) return false;
  turned_ = true;
  over_tls_ = to_tls;
  return true;
}

channels::ClientLinkParams Route::link_params(const net::Stream& stream, spice::ChannelId channel,
                                              std::uint32_t connection_id) const {
  channels::ClientLinkParams params;
  params.channel = channel;
  params.connection_id = connection_id;
  params.password = target_.password;
  params.carries_descriptors = stream.carries_descriptors();
  params.prefer_sasl = !target_.user.empty();
  const channels::SaslTransport transport{stream.tls_bits(), stream.is_unix()};
  params.make_sasl = [credentials = channels::SaslCredentials{target_.user, target_.password},
                      host = address().host, transport] {
    return channels::make_cyrus_client(credentials, host, transport);
  };
  return params;
}

}  // namespace cassia::dial
