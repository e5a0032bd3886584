// SPDX-License-Identifier: Apache-2.0
#pragma once

// Keeps the persistent bitmaps true while an image is open for writing.
//
// start() marks every bitmap that is to follow writes as "in use", which is what QEMU does: should
// the process die, the next reader knows not to trust it. mark() enters writes in memory, page by
// page (a page is one cluster of bits), so a bitmap is never held whole. finish() stores what
// changed and takes the marks away.
//
// Threads: mark() may be called by any number at once; all else while nobody else calls anything
// (the image's lock sees to that).

#include <atomic>
#include <map>
#include <mutex>

#include "storage/format/qcow2/allocator.h"
#include "storage/format/qcow2/bitmap_directory.h"

namespace cassia::storage::qcow2 {

class DirtyBitmaps {
 public:
  /// All outlive this. `directory` is what read_bitmap_directory() found, empty for none.
  DirtyBitmaps(BlockDevice& file, Allocator& allocator, const Geometry& geometry)
      : file_(file), allocator_(allocator), geometry_(geometry) {}

  /// Takes charge of the enabled bitmaps. Fails, naming the bitmap, where one is enabled that we
  /// cannot keep true. `header` is that of the image and outlives this.
  Result<void> start(std::vector<BitmapEntry> directory, Header& header);
  const std::vector<BitmapEntry>& directory() const { return directory_; }

  /// The guest's bytes [offset, offset + length) are about to change.
  Result<void> mark(std::uint64_t offset, std::uint64_t length);
  /// True when so many pages are held that write_pages() should be called.
  bool wants_write() const { return held_.load(std::memory_order_relaxed) > kMaxHeldBytes; }
  /// Stores changed pages and forgets them; new clusters are counted but not yet in the file's
  /// refcounts, and the tables that lead to them not yet written.
  Result<void> write_pages();
  /// Writes the tables; refcounts must be on disk before.
  Result<void> write_tables();
  /// Everything is stored: the bitmaps can be trusted again. Syncs what came before, by `sync`.
  template <class Sync>
  Result<void> finish(Sync&& sync) {
    if (live_.empty()) return {};
    CASSIA_TRY(sync());
    CASSIA_TRY(set_in_use(false));
    live_.clear();
    return {};
  }

  /// The disk is going to have `new_size` bytes. Every bitmap gets a new table of the right length
  /// (then write_tables() is due), and bits for added space are clear. Fails before anything
  /// changed if one bitmap cannot follow.
  Result<void> resize(std::uint64_t new_size);
  /// After resize(): a directory that leads to the new tables, at a new place, which the image's
  /// header in memory names from then on. Once the file's does too, release_old() is due.
  Result<void> write_directory();
  void release_old();
  bool empty() const { return directory_.empty(); }

 private:
  static constexpr std::uint64_t kMaxHeldBytes = 8u << 20;

  struct Page {
    Bytes bits;
    bool dirty = false;
  };
  struct Live {
    std::size_t index = 0;             ///< in directory_
    std::vector<std::uint64_t> table;  ///< entries as in the file, in our byte order
    bool table_dirty = false;
    std::map<std::uint64_t, Page> pages;
  };

  Result<void> adopt(std::size_t index);
  Result<void> set_in_use(bool in_use);
  Result<void> mark_in(Live& live, std::uint64_t offset, std::uint64_t length);
  Result<Page*> page(Live& live, std::uint64_t number);
  Result<void> store_page(Live& live, std::uint64_t number, const Bytes& bits);
  Result<void> cut(Live& live, std::uint64_t bits);
  Result<void> retable(Live& live, std::uint64_t new_size);
  Result<void> check_resize() const;
  bool is_live(std::size_t index) const;
  void give_up(std::uint64_t offset, std::uint64_t length) { old_.emplace_back(offset, length); }
  unsigned page_bits() const { return geometry_.cluster_bits + 3; }

  BlockDevice& file_;
  Allocator& allocator_;
  Geometry geometry_;
  Header* header_ = nullptr;
  std::vector<BitmapEntry> directory_;
  std::mutex mutex_;  ///< guards the pages
  std::vector<Live> live_;
  std::atomic<std::uint64_t> held_{0};                        ///< bytes in pages
  std::vector<std::pair<std::uint64_t, std::uint64_t>> old_;  ///< for release_old()
};

}  // namespace cassia::storage::qcow2
