// SPDX-License-Identifier: Apache-2.0
#pragma once

// "attach new.qcow2 --bus scsi" into a verb of the storage schema and its parameters. The words and
// options are the schema's; nothing here knows a verb by name.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "protocol/storage/schema.h"

namespace cassia::client {

struct RemoteCommand {
  const storage::Verb* verb = nullptr;
  nlohmann::json params = nlohmann::json::object();
  bool progress = false;     ///< -p
  bool json_output = false;  ///< --output json
  std::string user;
  std::string password_file;
  std::string ca_file;
  std::string host_subject;
  std::string proxy;            ///< "": the variable SPICE_PROXY counts
  std::string secure_channels;  ///< a list, or "all"
};

/// Everything on the command line but --connect. Checked against the schema: what it returns is
/// worth sending.
Result<RemoteCommand> parse_remote_command(const std::vector<std::string>& args);

/// One line a verb, for --help.
std::string remote_usage();

}  // namespace cassia::client
