// SPDX-License-Identifier: Apache-2.0
#pragma once

// A file that is built out of sight beside its final name and appears under it, whole, on commit().
// Where the file system can (O_TMPFILE) it has no name until then, so that not even SIGKILL leaves
// anything behind; elsewhere it is called ".NAME.cassia-XXXXXX" and removed unless committed.

#include <filesystem>
#include <memory>

#include "storage/block/file_device.h"

namespace cassia::storage {

class TemporaryFile {
 public:
  /// Prepares a file for `target` (a symbolic link is followed). An existing target must be a
  /// regular file that nobody uses: it is locked for writing until this object goes.
  static Result<TemporaryFile> create(const std::filesystem::path& target);
  TemporaryFile(TemporaryFile&&) noexcept;
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  ~TemporaryFile();

  const std::shared_ptr<FileDevice>& device() const { return device_; }
  /// Bytes a user may still write where this file lies.
  Result<std::uint64_t> free_space() const;
  /// True if there was a file at the target when this was made.
  bool replaces() const { return replaced_ != nullptr; }
  /// Syncs the content, gives it its name and syncs the folder. Takes the place of the file that
  /// was there at create(); one that came later is somebody else's and stays (ErrorKind::exists).
  Result<void> commit();

 private:
  TemporaryFile() = default;
  Result<void> link_unnamed();
  Result<void> take_name();

  std::filesystem::path target_;
  std::filesystem::path hidden_name_;  ///< empty while the file has no name
  int fd_ = -1;                        ///< owned by device_
  std::shared_ptr<FileDevice> device_;
  std::shared_ptr<FileDevice> replaced_;
};

}  // namespace cassia::storage
