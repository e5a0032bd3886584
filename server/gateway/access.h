// SPDX-License-Identifier: Apache-2.0
#pragma once

// Who is let in and on which kind of connection, beyond the one password: SASL users, channels that
// need TLS, web pages.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "channels/sasl/cyrus.h"
#include "protocol/spice/channel_id.h"
#include "server/gateway/options.h"

namespace cassia::server {

/// A set of channel types, as "main,display" or "all" names it.
class ChannelSet {
 public:
  /// `option` is for messages.
  static Result<ChannelSet> parse(std::string_view option, const std::string& text);
  bool has(spice::ChannelType type) const { return all_ || types_.count(type) != 0; }
  bool empty() const { return !all_ && types_.empty(); }

 private:
  bool all_ = false;
  std::set<spice::ChannelType> types_;
};

struct AccessPolicy {
  std::optional<channels::SaslServerSettings> sasl;
  std::set<std::string> users;           ///< SASL users who are let in; empty: all of the database
  bool tickets = true;                   ///< the password (or none) will do as well
  ChannelSet secure;                     ///< only with TLS, or over a unix socket
  ChannelSet plain;                      ///< only without
  std::vector<std::string> web_origins;  ///< web pages that may connect; empty: all
};

/// From --sasl-* , --secure-channels, --plain-channels, --web-origin. Checks that the database can
/// be read. `tls`: there is a TLS listener; `has_password`: --password-file is given.
Result<AccessPolicy> read_access(const Options& options, bool tls, bool has_password);

}  // namespace cassia::server
