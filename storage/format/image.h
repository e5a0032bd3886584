// SPDX-License-Identifier: Apache-2.0
#pragma once

// Image: an opened disk image. It is a BlockDevice (the guest's view of the disk) that also knows
// what its format can do: layers below it, snapshots, consistency, facts for `info`.
//
// Threads: the BlockDevice calls as always; everything else may be called from one thread at a
// time, also while others read and write.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "storage/block/block_device.h"
#include "storage/block/progress.h"

namespace cassia::storage {

struct FormatFact;
using FactGroup = std::vector<FormatFact>;

/// One fact of "format specific information", named as in JSON ("lazy-refcounts"). A list of texts,
/// or of groups of facts, is one fact too.
struct FormatFact {
  std::string name;
  std::variant<bool, std::int64_t, std::string, std::vector<std::string>, std::vector<FactGroup>>
      value;
};

/// An internal snapshot.
struct SnapshotInfo {
  std::string id;
  std::string name;
  std::uint64_t vm_state_size = 0;  ///< bytes
  std::uint64_t disk_size = 0;      ///< bytes
  std::uint32_t date_sec = 0;       ///< seconds since 1970, UTC
  std::uint32_t date_nsec = 0;
  std::uint64_t vm_clock_nsec = 0;
  std::int64_t icount = -1;  ///< -1: not recorded
};

struct ImageInfo {
  std::string format;
  std::uint64_t virtual_size = 0;  ///< bytes
  std::uint64_t cluster_size = 0;  ///< bytes; 0: the format has none
  std::string backing_file;        ///< as it stands in the header; empty: none
  std::string backing_format;      ///< empty: not stated
  bool dirty = false;
  bool encrypted = false;
  std::vector<FormatFact> facts;
  std::vector<SnapshotInfo> snapshots;
};

/// Reads and changes an image's internal snapshots. Selected by id or else by name.
class SnapshotStore {
 public:
  virtual ~SnapshotStore() = default;
  virtual std::vector<SnapshotInfo> list() const = 0;
  /// Keeps the disk's present content under `name` (an id is chosen).
  virtual Result<void> create(const std::string& name) = 0;
  /// Makes the disk read as it did when the snapshot was taken, size included.
  virtual Result<void> apply(const std::string& id_or_name) = 0;
  virtual Result<void> remove(const std::string& id_or_name) = 0;
};

enum class Repair { none, leaks, all };

/// What check() found. A leak wastes space; a corruption loses data.
struct CheckReport {
  std::uint64_t corruptions = 0;  ///< still there
  std::uint64_t leaks = 0;        ///< still there, in clusters
  std::uint64_t corruptions_fixed = 0;
  std::uint64_t leaks_fixed = 0;
  std::uint64_t check_errors = 0;  ///< places that could not be looked at
  std::uint64_t total_clusters = 0;
  std::uint64_t allocated_clusters = 0;
  std::uint64_t fragmented_clusters = 0;
  std::uint64_t compressed_clusters = 0;
  std::uint64_t image_end_offset = 0;
  /// One line per finding, at most kMaxMessages of them.
  std::vector<std::string> messages;
  static constexpr std::size_t kMaxMessages = 1000;
};

class Image : public BlockDevice {
 public:
  virtual ImageInfo info() const = 0;
  /// The image below this one, or null.
  virtual Image* backing() const { return nullptr; }
  /// Null if the format has no internal snapshots.
  virtual SnapshotStore* snapshots() { return nullptr; }
  /// Looks at all metadata. `repair` needs the image open for writing.
  virtual Result<CheckReport> check(Repair repair, Progress& progress);
  /// A read-only view of a snapshot's content. The image must outlive it.
  virtual Result<std::unique_ptr<Image>> open_snapshot(const std::string& id_or_name);
  /// Storing the whole cluster at `offset` compressed (offset is a multiple of the cluster size;
  /// `content` a cluster, or less at the end of the disk) in two steps. pack() gives what would be
  /// stored, empty if compression does not shrink it; many threads may call it at once.
  virtual Result<Bytes> pack(std::uint64_t offset, ByteView content);
  /// Stores what pack() made of `content`, or `content` as it is if that was nothing.
  virtual Result<void> write_packed(std::uint64_t offset, ByteView content, ByteView packed);
  /// Both steps.
  Result<void> write_compressed(std::uint64_t offset, ByteView content);
  /// True if the format stores nothing plain, so that all is to come compressed.
  virtual bool always_compresses() const { return false; }
  /// True if a fresh image of this format reads as zeroes where nothing was written.
  virtual bool starts_zeroed() const { return true; }
  /// Writes out everything and makes the image clean. The destructor does this too but cannot tell
  /// that it failed, so a writer calls it. Nothing but destruction may follow.
  virtual Result<void> close() { return flush(); }
};

}  // namespace cassia::storage
