// SPDX-License-Identifier: Apache-2.0
#pragma once

// libphodav's WebDAV server for one folder, on a thread of its own. It listens nowhere: each
// connection is one end of a socket pair, so nobody else on this machine can reach the folder.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace cassia::client {

/// Where files lie that are not of the folder; spice-gtk's name for it.
inline constexpr std::string_view clipboard_folder = "/.spice-clipboard";

/// A file, or a folder with all that is in it, that is served in a folder that nothing else is in.
struct PublishedFile {
  std::string folder;  ///< in clipboard_folder, new
  std::string path;    ///< on this machine; its last part is its name there, too
};

/// Any thread.
class FolderServer {
 public:
  virtual ~FolderServer() = default;
  static Result<std::shared_ptr<FolderServer>> start(const std::string& folder, bool read_only);
  /// A new HTTP connection: this end of it, non-blocking.
  virtual Result<FileDescriptor> connect() = 0;
  /// `done` is called on the server's thread once all are served, or with why one is not.
  virtual void publish(std::vector<PublishedFile> files,
                       std::function<void(Result<void>)> done) = 0;
};

}  // namespace cassia::client
