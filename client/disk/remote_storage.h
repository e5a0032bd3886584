// SPDX-License-Identifier: Apache-2.0
#pragma once

// The storage of a VM behind a gateway, as the command line uses it: one call after the other.

#include <chrono>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"
#include "net/address.h"
#include "net/http_connect.h"

namespace cassia::client {

class RemoteStorage {
 public:
  virtual ~RemoteStorage() = default;
  /// One verb of protocol/storage/schema.h; blocks until it is answered or the connection is gone.
  virtual Result<nlohmann::json> call(std::string_view verb, const nlohmann::json& params) = 0;
};

struct RemoteTarget {
  net::SpiceUri server;
  std::string user;  ///< for SASL; may be empty
  std::string password;
  std::string ca_file;  ///< of a TLS server; empty: the system's trust store
  std::string host_subject;
  std::optional<net::Proxy> proxy;
  std::vector<std::string> secure_channels;  ///< see dial::Target
  std::chrono::seconds timeout{20};          ///< to connect and find the storage channel
};

/// Connects over SPICE and opens the port "org.cassia.storage.0" (client/disk/remote_link.cc).
Result<std::unique_ptr<RemoteStorage>> connect_storage(RemoteTarget target);

}  // namespace cassia::client
