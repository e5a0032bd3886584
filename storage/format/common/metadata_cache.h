// SPDX-License-Identifier: Apache-2.0
#pragma once

// A bounded write-back cache of a file's metadata: block tables are read through it, so that no
// table is ever held whole, and changed in it until flush(). Pages are 64 KiB; what is written
// back is the 512-byte sectors that changed.
//
// Threads: read() may be called by any number at once; the others while nobody else calls
// anything.

#include <bitset>
#include <mutex>
#include <unordered_map>

#include "storage/block/block_device.h"

namespace cassia::storage {

class MetadataCache {
 public:
  /// `file` outlives this.
  explicit MetadataCache(BlockDevice& file) : file_(file) {}

  /// Bytes past the end of the file come as zeroes.
  Result<void> read(std::uint64_t offset, MutableByteView into);
  Result<void> write(std::uint64_t offset, ByteView from);

  bool dirty() const { return dirty_pages_ > 0; }
  /// True when so much waits to be written that flush() should be called.
  bool wants_flush() const { return dirty_pages_ >= kMaxPages / 2; }
  /// Writes changed sectors to the file. Ordering against other writes is the caller's business.
  Result<void> flush();

 private:
  static constexpr std::uint64_t kPage = 65536;
  static constexpr std::uint64_t kSector = 512;
  static constexpr std::size_t kMaxPages = 64;

  struct Page {
    Bytes bytes;
    std::bitset<kPage / kSector> dirty;
    std::uint64_t last_use = 0;
  };
  Result<Page*> page(std::uint64_t number);
  void make_room();
  Result<void> write_page(std::uint64_t number, Page& page);

  BlockDevice& file_;
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, Page> pages_;
  std::size_t dirty_pages_ = 0;
  std::uint64_t clock_ = 0;
};

}  // namespace cassia::storage
