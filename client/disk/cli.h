// SPDX-License-Identifier: Apache-2.0
#pragma once

// cassia-disk's command line as a function, so that tests call it without a process.

#include <functional>
#include <string>
#include <vector>

#include "client/disk/console.h"

namespace cassia::client {

/// What "cassia-disk --connect URI VERB ..." runs: everything but --connect and the URI, which may
/// stand anywhere, comes in `args`.
using RemoteRunner =
    std::function<int(const std::string& uri, const std::vector<std::string>& args, Console&)>;

/// Runs one command (`args` without the program's name); returns the exit status.
int run_cli(const std::vector<std::string>& args, Console& console, const RemoteRunner& remote);

}  // namespace cassia::client
