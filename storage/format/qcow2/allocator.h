// SPDX-License-Identifier: Apache-2.0
#pragma once

// Gives out host clusters and takes them back. What is given out carries a refcount at once (in the
// cache); what is given back stays counted until apply_frees(), which the image calls once nothing
// on disk points there any more. One thread at a time.

#include <unordered_set>
#include <vector>

#include "storage/format/qcow2/refcounts.h"

namespace cassia::storage::qcow2 {

class Allocator {
 public:
  Allocator(BlockDevice& file, Refcounts& refcounts, const Geometry& geometry)
      : file_(file), refcounts_(refcounts), geometry_(geometry) {}

  /// Host offset of `count` (> 0) neighbouring clusters, each with refcount 1.
  Result<std::uint64_t> allocate(std::uint64_t count);
  /// Host offset of `length` bytes (at most a cluster) for a compressed cluster; the host clusters
  /// they touch are counted once each.
  Result<std::uint64_t> allocate_bytes(std::uint64_t length);
  /// One more reference to each cluster that [offset, offset + length) touches.
  Result<void> add_reference(std::uint64_t offset, std::uint64_t length);
  /// One reference less to each of those clusters, at the next apply_frees().
  void free_later(std::uint64_t offset, std::uint64_t length);
  bool has_frees() const { return !frees_.empty(); }
  std::size_t pending_frees() const { return frees_.size(); }
  Result<void> apply_frees();

  /// Makes refcount block `index` exist.
  Result<void> make_block(std::uint64_t index) { return ensure_block(index); }
  /// From now on gives out nothing below `cluster` (while a repair does not trust the counts).
  void start_at(std::uint64_t cluster) { single_hint_ = run_hint_ = cluster; }

  /// Clusters that hold metadata must never be given out, whatever the refcounts say.
  void protect(std::uint64_t offset, std::uint64_t length);
  void unprotect(std::uint64_t offset, std::uint64_t length);

 private:
  Result<bool> is_free(std::uint64_t cluster);
  Result<std::uint64_t> find_free(std::uint64_t from, std::uint64_t count);
  Result<bool> ensure_blocks(std::uint64_t first, std::uint64_t count);
  Result<void> ensure_block(std::uint64_t index);
  Result<bool> claim_at(std::uint64_t first, std::uint64_t count);
  Result<void> claim(std::uint64_t first, std::uint64_t count);
  Result<void> release(std::uint64_t cluster, std::vector<std::uint64_t>& emptied);
  Result<void> discard_runs(std::vector<std::uint64_t> clusters);

  struct Span {
    std::uint64_t offset;
    std::uint64_t length;
  };

  BlockDevice& file_;
  Refcounts& refcounts_;
  Geometry geometry_;
  std::uint64_t single_hint_ = 0;  ///< no free cluster lies below
  std::uint64_t run_hint_ = 0;     ///< where to look for runs of several
  std::uint64_t byte_offset_ = 0;  ///< next free byte for compressed data; 0: none
  std::vector<Span> frees_;
  std::unordered_set<std::uint64_t> protected_;
};

}  // namespace cassia::storage::qcow2
