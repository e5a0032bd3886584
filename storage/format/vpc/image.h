// SPDX-License-Identifier: Apache-2.0
#pragma once

// An opened VHD image. In dynamic and differencing images each block of data has a bitmap before
// it, a bit for each sector. In a differencing image a clear bit means that the parent has the
// sector. In a dynamic image it means zeroes, but as readers differ in whether they look (QEMU does
// not), we do not rely on it and set all bits of a block that we write to.
//
// Order on disk: a new block and the footer after it, then, after a sync, its table entry: a crash
// leaves at worst a block that no entry names, and the footer's copy at the start.

#include "storage/format/common/mapped_image.h"
#include "storage/format/common/metadata_cache.h"
#include "storage/format/vpc/header.h"

namespace cassia::storage::vpc {

class VpcImage final : public MappedImage {
 public:
  static Result<std::unique_ptr<Image>> open(std::shared_ptr<BlockDevice> file,
                                             const DriverOpenOptions& options);
  ~VpcImage() override;

  ImageInfo info() const override;

 private:
  VpcImage(std::shared_ptr<BlockDevice> file, const DriverOpenOptions& options)
      : MappedImage(std::move(file), options), metadata_(*file_) {}

  Result<void> load(const DriverOpenOptions& options);
  Result<void> open_parent(const DriverOpenOptions& options);
  Result<void> find_end();
  Result<std::uint32_t> entry(std::uint64_t block);
  /// Where the bitmap of a block lies; checked.
  Result<std::uint64_t> bitmap_of(std::uint64_t block, std::uint32_t entry);
  Result<bool> sectors_set(std::uint64_t bitmap, std::uint64_t first, std::uint64_t most,
                           std::uint64_t& count);
  Result<void> set_sectors(std::uint64_t bitmap, std::uint64_t first, std::uint64_t count);
  Result<Run> map_block(std::uint64_t offset, std::uint64_t max_length, bool by_sectors);
  Result<std::uint64_t> make_block(std::uint64_t block);
  Result<std::uint64_t> write_sectors(std::uint64_t data, std::uint64_t offset, ByteView from);

  Result<Run> map(std::uint64_t offset, std::uint64_t max_length) override;
  Result<Run> map_for_write(std::uint64_t offset, std::uint64_t max_length) override;
  Result<std::uint64_t> write_fresh(std::uint64_t offset, ByteView from) override;
  Result<void> commit() override;
  bool wants_commit() const override { return metadata_.wants_flush(); }
  bool shows_holes() const override { return header_.kind == Kind::fixed; }

  bool differencing() const { return header_.kind == Kind::differencing; }

  Header header_;
  Bytes footer_;            ///< as it goes behind each new block
  MetadataCache metadata_;  ///< block table and bitmaps
  std::uint64_t end_ = 0;   ///< where the next block goes
};

}  // namespace cassia::storage::vpc
