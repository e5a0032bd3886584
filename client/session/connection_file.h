// SPDX-License-Identifier: Apache-2.0
#pragma once

// The files that management tools hand to viewers (.vv, "application/x-virt-viewer"): key=value
// lines in a group [virt-viewer]. Source: virt-viewer's remote-viewer(1), "CONNECTION FILE".

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/address.h"
#include "net/http_connect.h"
#include "protocol/spice/agent_messages.h"

namespace cassia::client {

struct ConnectionFile {
  net::Address address;                      ///< the plain port, or the only one
  std::optional<net::Address> tls_address;   ///< of a file with a port and a tls-port
  std::vector<std::string> secure_channels;  ///< "main", "display", ... or "all"
  std::optional<net::Proxy> proxy;
  std::string user;
  std::string password;
  std::string ca_pem;  ///< the certificates themselves, not a file
  std::string host_subject;
  std::string title;
  spice::AgentDisplayConfig guest_look;  ///< disable-effects and color-depth
  bool fullscreen = false;
  bool delete_this_file = false;
};

/// invalid_argument names the line or the key; a type other than spice is unsupported.
Result<ConnectionFile> parse_connection_file(std::string_view text);
/// Reads it, and removes it if it says delete-this-file=1.
Result<ConnectionFile> load_connection_file(const std::filesystem::path& path);

}  // namespace cassia::client
