// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/format/image.h"

namespace cassia::storage {

/// A raw image over any device. Disks come in sectors of 512 bytes, so the size is rounded up to
/// one; what the file lacks of the last sector reads as zeroes.
class RawImage final : public Image {
 public:
  RawImage(std::shared_ptr<BlockDevice> file, bool writable)
      : file_(std::move(file)), writable_(writable) {}

  const std::string& name() const override { return file_->name(); }
  std::uint64_t size() const override;
  bool writable() const override { return writable_; }
  Result<void> read(std::uint64_t offset, MutableByteView into) override;
  Result<void> write(std::uint64_t offset, ByteView from) override;
  Result<void> write_zeroes(std::uint64_t offset, std::uint64_t length, ZeroMode mode) override;
  Result<void> discard(std::uint64_t offset, std::uint64_t length) override;
  Result<void> flush() override { return file_->flush(); }
  Result<Extent> extent(std::uint64_t offset, std::uint64_t max_length) override;
  Result<void> resize(std::uint64_t new_size) override;

  ImageInfo info() const override;
  bool starts_zeroed() const override { return file_->growable(); }

 private:
  Result<void> check_write(std::uint64_t offset, std::uint64_t length) const;

  std::shared_ptr<BlockDevice> file_;
  bool writable_;
};

}  // namespace cassia::storage
