// SPDX-License-Identifier: Apache-2.0
#pragma once

// libphodav's WebDAV server for one folder, on a thread of its own. It listens nowhere: each
// connection is one end of a socket pair, so nobody else on this machine can reach the folder.

#include <memory>
#include <string>

#include "base/file.h"
#include "base/result.h"

namespace cassia::client {

/// Any thread.
class FolderServer {
 public:
  virtual ~FolderServer() = default;
  static Result<std::shared_ptr<FolderServer>> start(const std::string& folder, bool read_only);
  /// A new HTTP connection: this end of it, non-blocking.
  virtual Result<FileDescriptor> connect() = 0;
};

}  // namespace cassia::client
