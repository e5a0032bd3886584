// SPDX-License-Identifier: Apache-2.0
#pragma once

// A BlockDevice in memory, for tests and fuzzing. Grows like a file; `size_cap` keeps a hostile
// image from making it eat the machine.

#include <shared_mutex>

#include "storage/block/block_device.h"

namespace cassia::storage {

class MemoryDevice final : public BlockDevice {
 public:
  explicit MemoryDevice(Bytes content = {}, bool writable = true, std::string name = "memory",
                        std::uint64_t size_cap = 1u << 30);

  const std::string& name() const override { return name_; }
  std::uint64_t size() const override;
  bool writable() const override { return writable_; }
  bool growable() const override { return true; }
  Result<void> read(std::uint64_t offset, MutableByteView into) override;
  Result<void> write(std::uint64_t offset, ByteView from) override;
  Result<void> write_zeroes(std::uint64_t offset, std::uint64_t length, ZeroMode mode) override;
  Result<void> discard(std::uint64_t offset, std::uint64_t length) override;
  Result<void> flush() override { return {}; }
  Result<void> resize(std::uint64_t new_size) override;

  /// A copy of what it holds now.
  Bytes content() const;

 private:
  Result<void> reach(std::uint64_t offset, std::uint64_t length);

  mutable std::shared_mutex mutex_;
  Bytes content_;
  bool writable_;
  std::string name_;
  std::uint64_t size_cap_;
};

}  // namespace cassia::storage
