// SPDX-License-Identifier: Apache-2.0
#pragma once

// L2 tables in memory. Any number of readers may call get() at once; everything that changes a
// table runs while there is no reader (the image's lock sees to that).

#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "storage/block/block_device.h"
#include "storage/format/qcow2/layout.h"

namespace cassia::storage::qcow2 {

class L2Table {
 public:
  L2Table(std::uint64_t offset, std::vector<std::uint64_t> entries)
      : offset_(offset), entries_(std::move(entries)) {}

  std::uint64_t host_offset() const { return offset_; }
  std::uint64_t operator[](std::size_t index) const { return entries_[index]; }
  const std::vector<std::uint64_t>& entries() const { return entries_; }
  void set(std::size_t index, std::uint64_t entry);
  bool dirty() const { return dirty_first_ < dirty_end_; }

 private:
  friend class L2Cache;
  Result<void> write(BlockDevice& file);
  void mark_all_dirty();

  std::uint64_t offset_;
  std::vector<std::uint64_t> entries_;
  std::size_t dirty_first_ = 0;
  std::size_t dirty_end_ = 0;
  std::uint64_t last_use_ = 0;
};

class L2Cache {
 public:
  L2Cache(BlockDevice& file, const Geometry& geometry) : file_(file), geometry_(geometry) {}

  /// The table at host `offset`, from the cache or the file.
  Result<std::shared_ptr<L2Table>> get(std::uint64_t offset);
  /// A table that is not in the file yet.
  std::shared_ptr<L2Table> add(std::uint64_t offset, std::vector<std::uint64_t> entries);
  /// Forgets a table whose cluster is no longer one, changes included.
  void drop(std::uint64_t offset);
  void drop_all();

  bool dirty() const;
  /// True when so much waits to be written that the image should commit.
  bool wants_commit() const;
  Result<void> write_dirty();

 private:
  void make_room();

  BlockDevice& file_;
  Geometry geometry_;
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::shared_ptr<L2Table>> tables_;
  std::uint64_t clock_ = 0;
};

}  // namespace cassia::storage::qcow2
