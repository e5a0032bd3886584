// SPDX-License-Identifier: Apache-2.0
#pragma once

// "cassia-disk --connect URI VERB ...": the storage verbs on the disks of a VM behind a gateway.

#include <string>
#include <vector>

#include "client/disk/console.h"
#include "client/disk/remote_command.h"
#include "client/disk/remote_storage.h"

namespace cassia::client {

/// A RemoteRunner (client/disk/cli.h): parses, connects, asks, prints; the exit status.
int run_remote(const std::string& uri, const std::vector<std::string>& args, Console& console);

/// The part after connecting. A verb that begins a job is waited for; SIGINT cancels the job.
int perform_remote(RemoteStorage& storage, const RemoteCommand& command, Console& console);

}  // namespace cassia::client
