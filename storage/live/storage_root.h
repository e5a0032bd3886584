// SPDX-License-Identifier: Apache-2.0
#pragma once

// The one folder whose images the console may touch. Every path a caller gives is relative to it
// and is resolved by the kernel beneath it (openat2 RESOLVE_BENEATH): "..", absolute paths and
// symbolic links cannot lead out, also not if somebody changes them meanwhile.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace cassia::storage {

class StorageRoot {
 public:
  static Result<StorageRoot> open(const std::filesystem::path& folder);

  const std::filesystem::path& path() const { return path_; }

  /// The absolute path, free of symbolic links, of the regular file that `relative` names.
  Result<std::filesystem::path> existing(std::string_view relative) const;

  /// The absolute path that a new file `relative` would have. Its folder must exist, the file must
  /// not, and names that begin with a dot are ours.
  Result<std::filesystem::path> fresh(std::string_view relative) const;

  /// `absolute` as callers write it, or empty if it does not lie beneath the root.
  std::string relative(const std::filesystem::path& absolute) const;

  /// The regular files below `folder` (relative; empty: all), sorted, hidden ones left out; at most
  /// `max` of them.
  Result<std::vector<std::string>> files(std::string_view folder, std::size_t max = 1000) const;

 private:
  StorageRoot(std::filesystem::path path, FileDescriptor fd)
      : path_(std::move(path)), fd_(std::move(fd)) {}
  Result<FileDescriptor> open_beneath(const std::filesystem::path& relative, int flags) const;

  std::filesystem::path path_;
  FileDescriptor fd_;
};

/// Gives the finished file `temporary` its name, syncing it and its folder. An existing `target` is
/// never replaced (ErrorKind::exists).
Result<void> publish(const std::filesystem::path& temporary, const std::filesystem::path& target);

}  // namespace cassia::storage
