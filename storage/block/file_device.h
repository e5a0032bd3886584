// SPDX-License-Identifier: Apache-2.0
#pragma once

// A regular file or a block device of the host as a BlockDevice.

#include <atomic>
#include <filesystem>
#include <memory>

#include "base/file.h"
#include "storage/block/block_device.h"
#include "storage/block/file_lock.h"

namespace cassia::storage {

class FileDevice final : public BlockDevice {
 public:
  struct Options {
    bool writable = false;
    LockMode lock = LockMode::none;
  };

  /// Opens what exists. Anything but a regular file or a block device is refused, and without
  /// waiting (a FIFO is never opened for I/O).
  static Result<std::shared_ptr<FileDevice>> open(const std::filesystem::path& path,
                                                  Options options);
  /// Takes over a descriptor open for reading and, if `writable`, writing. `name` is for messages.
  static Result<std::shared_ptr<FileDevice>> adopt(FileDescriptor fd, std::string name,
                                                   bool writable);

  const std::string& name() const override { return name_; }
  std::uint64_t size() const override { return size_.load(); }
  bool writable() const override { return writable_; }
  bool growable() const override { return !is_block_device_; }
  Result<void> read(std::uint64_t offset, MutableByteView into) override;
  Result<void> write(std::uint64_t offset, ByteView from) override;
  Result<void> write_zeroes(std::uint64_t offset, std::uint64_t length, ZeroMode mode) override;
  Result<void> discard(std::uint64_t offset, std::uint64_t length) override;
  Result<void> flush() override;
  Result<Extent> extent(std::uint64_t offset, std::uint64_t max_length) override;
  Result<void> resize(std::uint64_t new_size) override;

  /// Changes the lock this device holds; see lock_file().
  Result<void> lock(LockMode mode);
  /// Reserves disk space for [0, length) without writing it; grows the file if it is shorter.
  Result<void> allocate(std::uint64_t length);
  /// Bytes the file takes on its disk (st_blocks).
  Result<std::uint64_t> allocated_bytes() const;
  /// Device and inode: equal for two names of the same file.
  std::pair<std::uint64_t, std::uint64_t> identity() const { return identity_; }
  bool is_block_device() const { return is_block_device_; }

 private:
  FileDevice(FileDescriptor fd, std::string name, bool writable);
  Result<void> inspect();
  Result<void> check_writable(std::uint64_t offset, std::uint64_t length) const;
  Result<void> write_zero_bytes(std::uint64_t offset, std::uint64_t length);
  void grown_to(std::uint64_t end);

  FileDescriptor fd_;
  std::string name_;
  bool writable_;
  bool is_block_device_ = false;
  std::pair<std::uint64_t, std::uint64_t> identity_;
  std::atomic<std::uint64_t> size_{0};
  std::atomic<bool> can_punch_{true};  ///< cleared once the file system says it cannot
  std::atomic<bool> can_zero_{true};
};

}  // namespace cassia::storage
