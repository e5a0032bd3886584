// SPDX-License-Identifier: Apache-2.0
#pragma once

// An opened VMDK in one file: monolithicSparse, or streamOptimized, whose grains are compressed and
// written once. Order on disk: the data of a new grain, then, after a sync, its table entries.

#include <atomic>

#include "storage/format/common/mapped_image.h"
#include "storage/format/common/metadata_cache.h"
#include "storage/format/vmdk/header.h"

namespace cassia::storage::vmdk {

class VmdkImage final : public MappedImage {
 public:
  static Result<std::unique_ptr<Image>> open(std::shared_ptr<BlockDevice> file,
                                             const DriverOpenOptions& options);
  ~VmdkImage() override;

  ImageInfo info() const override;
  Result<CheckReport> check(Repair repair, Progress& progress) override;
  Result<Bytes> pack(std::uint64_t offset, ByteView content) override;
  Result<void> write_packed(std::uint64_t offset, ByteView content, ByteView packed) override;
  bool always_compresses() const override { return header_.compressed(); }

 private:
  VmdkImage(std::shared_ptr<BlockDevice> file, const DriverOpenOptions& options)
      : MappedImage(std::move(file), options), metadata_(*file_) {}

  Result<void> load(const DriverOpenOptions& options);
  Result<void> open_parent(const DriverOpenOptions& options);
  Result<std::uint32_t> read_entry(std::uint64_t at);
  /// Where the entry of `grain` lies in the table that `directory` leads to; 0: there is none.
  Result<std::uint64_t> entry_place(std::uint64_t directory, std::uint64_t grain);
  Result<std::vector<std::uint32_t>> entries(std::uint64_t grain, std::uint64_t count);
  Result<RunKind> kind_of(std::uint32_t entry, std::uint64_t grain) const;
  Result<void> set_entry(std::uint64_t grain, std::uint64_t host);
  Result<void> store_packed(std::uint64_t grain, ByteView packed);
  Result<void> check_table(std::uint64_t table, CheckReport& report);

  Result<Run> map(std::uint64_t offset, std::uint64_t max_length) override;
  Result<void> read_packed(const Run& run, std::uint64_t offset, MutableByteView into) override;
  Result<std::uint64_t> write_fresh(std::uint64_t offset, ByteView from) override;
  Result<void> before_change() override;
  Result<void> commit() override;
  bool wants_commit() const override { return metadata_.wants_flush(); }
  bool absent_is_allocated() const override { return false; }

  Header header_;
  Descriptor descriptor_;
  MetadataCache metadata_;
  std::uint64_t end_ = 0;  ///< where the next grain goes
  std::atomic<bool> cid_changed_{false};

  std::mutex unpacked_mutex_;
  std::uint64_t unpacked_host_ = 0;  ///< which packed grain unpacked_ holds; 0: none
  Bytes unpacked_;
};

}  // namespace cassia::storage::vmdk
