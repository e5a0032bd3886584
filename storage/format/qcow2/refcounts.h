// SPDX-License-Identifier: Apache-2.0
#pragma once

// The refcount table and its blocks, cached and written back. Knows numbers, not policy: which
// cluster to take is the Allocator's business. One thread at a time.

#include <unordered_map>
#include <vector>

#include "storage/format/qcow2/header.h"

namespace cassia::storage::qcow2 {

/// Entry `index` of a refcount block; `order` as in the header.
std::uint64_t refcount_in(ByteView block, std::uint64_t index, unsigned order);
void set_refcount_in(MutableByteView block, std::uint64_t index, unsigned order,
                     std::uint64_t value);

class Refcounts {
 public:
  /// `file` outlives this.
  Refcounts(BlockDevice& file, const Geometry& geometry) : file_(file), geometry_(geometry) {}

  Result<void> load(std::uint64_t table_offset, std::uint32_t table_clusters);
  const std::vector<std::uint64_t>& table() const { return table_; }

  std::uint64_t block_of(std::uint64_t cluster) const {
    return cluster / geometry_.refcount_block_entries();
  }
  /// True if a block covers `cluster`, so that set() can store its count.
  bool has_block(std::uint64_t block) const { return block < table_.size() && table_[block] != 0; }
  /// 0 where there is no block.
  Result<std::uint64_t> get(std::uint64_t cluster);
  /// The block must exist and `value` fit.
  Result<void> set(std::uint64_t cluster, std::uint64_t value);

  /// Enters a new, empty block `index` that lies at host `offset`. The table must be large enough.
  void add_block(std::uint64_t index, std::uint64_t offset);
  /// Enlarges the table in memory; from then on it has no place in the file until place_table().
  void grow_table(std::uint64_t entries);
  bool table_needs_place() const { return table_grown_; }
  std::uint64_t table_clusters() const { return geometry_.clusters(table_.size() * 8); }
  void place_table(std::uint64_t offset);

  bool dirty() const { return dirty_blocks_ > 0 || table_dirty_; }
  std::uint64_t dirty_bytes() const { return dirty_blocks_ * geometry_.cluster_size(); }
  /// Writes blocks, then the table entries that lead to new ones, with `sync` between. If the table
  /// has moved the caller then changes the header.
  template <class Sync>
  Result<void> write_back(Sync&& sync) {
    CASSIA_TRY(write_blocks());
    if (!table_dirty_) return {};
    CASSIA_TRY(sync());
    return write_table();
  }
  void drop_clean_blocks();
  /// Forgets block `index`, whose table entry is damaged; `in_file` too if that is to be repaired.
  void remove_block(std::uint64_t index, bool in_file);

 private:
  struct Block {
    Bytes bytes;
    bool dirty = false;
  };
  Result<Block*> block(std::uint64_t index);
  Result<void> write_blocks();
  Result<void> write_table();

  BlockDevice& file_;
  Geometry geometry_;
  std::uint64_t table_offset_ = 0;
  std::vector<std::uint64_t> table_;
  bool table_dirty_ = false;
  bool table_grown_ = false;
  std::unordered_map<std::uint64_t, Block> blocks_;
  std::uint64_t dirty_blocks_ = 0;
};

}  // namespace cassia::storage::qcow2
