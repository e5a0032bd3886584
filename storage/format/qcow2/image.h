// SPDX-License-Identifier: Apache-2.0
#pragma once

// A qcow2 image, versions 2 and 3.
//
// Locking: reads, and writes to clusters that are ours alone already, hold mutex_ shared;
// everything that changes metadata holds it exclusively.
//
// Order on disk, so that a crash at any moment leaks clusters at worst: changed metadata stays in
// memory until commit(), which writes refcounts, then (with a sync between each) L2 tables, L1
// entries, header fields; only then are clusters that lost their last reference counted down and
// reused. Data of a fresh cluster is written before any of that.

#include <atomic>
#include <functional>
#include <mutex>
#include <set>
#include <shared_mutex>

#include "storage/format/driver.h"
#include "storage/format/qcow2/allocator.h"
#include "storage/format/qcow2/dirty_bitmaps.h"
#include "storage/format/qcow2/l2_cache.h"
#include "storage/format/qcow2/snapshot_table.h"

namespace cassia::storage::qcow2 {

class Qcow2Image final : public Image, private SnapshotStore {
 public:
  static Result<std::unique_ptr<Image>> open(std::shared_ptr<BlockDevice> file,
                                             const DriverOpenOptions& options);
  ~Qcow2Image() override;

  const std::string& name() const override { return file_->name(); }
  std::uint64_t size() const override { return size_.load(); }
  bool writable() const override { return writable_; }
  Result<void> read(std::uint64_t offset, MutableByteView into) override;
  Result<void> write(std::uint64_t offset, ByteView from) override;
  Result<void> write_zeroes(std::uint64_t offset, std::uint64_t length, ZeroMode mode) override;
  Result<void> discard(std::uint64_t offset, std::uint64_t length) override;
  Result<void> flush() override;
  Result<Extent> extent(std::uint64_t offset, std::uint64_t max_length) override;
  Result<void> resize(std::uint64_t new_size) override;

  ImageInfo info() const override;
  Image* backing() const override { return backing_.get(); }
  SnapshotStore* snapshots() override { return this; }
  Result<CheckReport> check(Repair repair, Progress& progress) override;
  Result<std::unique_ptr<Image>> open_snapshot(const std::string& id_or_name) override;
  Result<Bytes> pack(std::uint64_t offset, ByteView content) override;
  Result<void> write_packed(std::uint64_t offset, ByteView content, ByteView packed) override;
  Result<void> close() override;

  /// Allocates every cluster of the disk without writing data (preallocation=metadata). Returns the
  /// length the file must have.
  Result<std::uint64_t> preallocate();

 private:
  friend class Checker;

  explicit Qcow2Image(std::shared_ptr<BlockDevice> file) : file_(std::move(file)) {}

  // image.cc: life and metadata on disk
  Result<void> load(const DriverOpenOptions& options);
  Result<void> load_l1(std::uint64_t offset, std::uint32_t entries);
  Result<void> start_writing(const DriverOpenOptions& options);
  Result<void> protect_metadata();
  Result<void> commit();
  Result<void> commit_if_large();
  Result<void> place_refcount_table();
  Result<void> write_l1();
  Result<void> sync();
  Result<void> check_writable() const;
  Result<void> grow_l1(std::uint64_t entries);
  void set_l1(std::size_t index, std::uint64_t entry);

  // image_bitmaps.cc
  Result<void> load_bitmaps(const DriverOpenOptions& options);
  Result<void> store_bitmaps();
  Result<void> finish_bitmaps();
  Result<void> resize_bitmaps(std::uint64_t new_size);
  Result<void> relieve_bitmaps();

  // image_read.cc
  struct Run {
    ClusterKind kind = ClusterKind::unallocated;
    std::uint64_t host = 0;    ///< host offset of the first byte, for normal and zero_allocated
    std::uint64_t entry = 0;   ///< the L2 entry of the first cluster
    std::uint64_t length = 0;  ///< bytes
  };
  Result<Run> map(std::uint64_t offset, std::uint64_t max_length);
  Result<void> read_unlocked(std::uint64_t offset, MutableByteView into);
  Result<void> read_run(const Run& run, std::uint64_t offset, MutableByteView into);
  Result<void> read_backing(std::uint64_t offset, MutableByteView into);
  Result<void> read_compressed(std::uint64_t entry, std::uint64_t in_cluster, MutableByteView into);
  Result<Extent> extent_unlocked(std::uint64_t offset, std::uint64_t max_length);
  /// End of what the backing image supplies, in guest bytes.
  std::uint64_t backing_end() const { return backing_ ? backing_->size() : 0; }

  // image_write.cc
  Result<std::uint64_t> write_in_place(std::uint64_t offset, ByteView from);
  Result<void> write_unlocked(std::uint64_t offset, ByteView from);
  Result<std::uint64_t> write_fresh(std::uint64_t offset, ByteView from);
  Result<void> store_clusters(std::uint64_t offset, ByteView from, std::uint64_t host,
                              std::uint64_t clusters);
  Result<std::shared_ptr<L2Table>> writable_l2(std::uint64_t l1_index);
  void release_entry(std::uint64_t entry);
  Result<void> zero_unlocked(std::uint64_t offset, std::uint64_t length, ZeroMode mode);
  Result<void> zero_partial(std::uint64_t offset, std::uint64_t length);
  Result<void> zero_clusters(std::uint64_t offset, std::uint64_t clusters, ZeroMode mode);
  Result<void> write_zero_data(std::uint64_t offset, std::uint64_t length);

  // snapshots.cc
  std::vector<SnapshotInfo> list() const override;
  Result<void> create(const std::string& name) override;
  Result<void> apply(const std::string& id_or_name) override;
  Result<void> remove(const std::string& id_or_name) override;
  Result<std::size_t> find_snapshot(const std::string& id_or_name) const;
  Result<std::vector<std::uint64_t>> read_l1(std::uint64_t offset, std::uint32_t entries) const;
  Result<std::uint64_t> store_l1(const std::vector<std::uint64_t>& entries);
  Result<void> walk_tree(const std::vector<std::uint64_t>& l1,
                         const std::function<Result<void>(std::uint64_t, std::uint64_t)>& apply);
  Result<void> add_tree_references(const std::vector<std::uint64_t>& l1);
  Result<void> release_tree(const std::vector<std::uint64_t>& l1);
  Result<void> refresh_copied();
  Result<void> clear_copied();
  Result<void> replace_snapshot_table(std::vector<Snapshot> snapshots);
  std::string next_snapshot_id() const;

  std::shared_ptr<BlockDevice> file_;
  bool writable_ = false;
  bool relaxed_sync_ = false;
  bool view_ = false;  ///< shows a snapshot
  Header header_;
  Geometry geometry_;
  std::atomic<std::uint64_t> size_{0};
  std::shared_ptr<Image> backing_;

  mutable std::shared_mutex mutex_;
  std::vector<std::uint64_t> l1_;
  std::set<std::size_t> dirty_l1_sectors_;
  std::unique_ptr<L2Cache> l2_;
  std::unique_ptr<Refcounts> refcounts_;
  std::unique_ptr<Allocator> allocator_;
  SnapshotTable snapshots_;
  std::unique_ptr<DirtyBitmaps> bitmaps_;
  std::vector<BitmapEntry> bitmap_list_;  ///< as it was when the image was opened

  std::mutex decompressed_mutex_;
  std::uint64_t decompressed_entry_ = 0;  ///< L2 entry that decompressed_ holds; 0: none
  Bytes decompressed_;
};

}  // namespace cassia::storage::qcow2
