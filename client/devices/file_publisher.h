// SPDX-License-Identifier: Apache-2.0
#pragma once

// Files of this machine under the names that the guest knows them by: places in the folder that the
// webdav channel serves.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace cassia::client {

/// Network thread only.
class FilePublisher {
 public:
  virtual ~FilePublisher() = default;
  /// There is such a folder: lists of files make sense.
  virtual bool publishes() const = 0;
  /// `done` gets the guest's names of these files, in their order, on the network thread: later, or
  /// never if the session ends before. Errors: unsupported without a folder, no_space for too many.
  using Done = std::function<void(Result<std::vector<std::string>>)>;
  virtual void publish(const std::vector<std::string>& paths, Done done) = 0;
  /// The file on this machine, if `name` is one that is served, and it exists.
  virtual std::optional<std::string> local_path(const std::string& name) const = 0;
};

}  // namespace cassia::client
