// SPDX-License-Identifier: Apache-2.0
#pragma once

// An opened VDI image. Order on disk: the data of a new block, then the count of blocks in the
// header, then the table entry, with a sync between each: a crash leaves at worst a block that no
// entry names.

#include "storage/format/common/mapped_image.h"
#include "storage/format/common/metadata_cache.h"
#include "storage/format/vdi/header.h"

namespace cassia::storage::vdi {

class VdiImage final : public MappedImage {
 public:
  static Result<std::unique_ptr<Image>> open(std::shared_ptr<BlockDevice> file,
                                             const DriverOpenOptions& options);
  ~VdiImage() override;

  ImageInfo info() const override;
  Result<CheckReport> check(Repair repair, Progress& progress) override;

 private:
  VdiImage(std::shared_ptr<BlockDevice> file, const DriverOpenOptions& options)
      : MappedImage(std::move(file), options), table_(*file_) {}

  Result<void> load();
  Result<void> find_end();
  /// Entries [first, first + count) of the block table.
  Result<std::vector<std::uint32_t>> entries(std::uint64_t first, std::uint64_t count);
  template <class Visit>
  Result<void> walk_table(Visit&& visit);
  Result<void> look_for_doubles(CheckReport& report, Progress& progress);
  std::uint64_t host_of(std::uint32_t entry) const {
    return header_.data_offset + std::uint64_t{entry} * kBlockSize;
  }

  Result<Run> map(std::uint64_t offset, std::uint64_t max_length) override;
  Result<std::uint64_t> write_fresh(std::uint64_t offset, ByteView from) override;
  Result<void> commit() override;
  bool wants_commit() const override { return table_.wants_flush(); }
  bool shows_holes() const override { return header_.kind == Kind::fixed; }

  Header header_;
  MetadataCache table_;
  std::uint32_t stored_allocated_ = 0;  ///< the count as the file's header has it
};

}  // namespace cassia::storage::vdi
