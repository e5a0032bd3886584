// SPDX-License-Identifier: Apache-2.0
#pragma once

// The directory of persistent bitmaps (QEMU, docs/interop/qcow2.txt, "Bitmaps"), between bytes and
// structs. Backup programs keep in such bitmaps which parts of the disk changed since when.

#include <optional>
#include <vector>

#include "storage/format/image.h"
#include "storage/format/qcow2/header.h"

namespace cassia::storage::qcow2 {

constexpr std::uint32_t kBitmapInUse = 1u << 0;  ///< was not stored when the image was closed
constexpr std::uint32_t kBitmapAuto = 1u << 1;   ///< every write is to be entered
constexpr std::uint32_t kBitmapExtraCompatible = 1u << 2;
constexpr std::uint8_t kBitmapDirtyTracking = 1;  ///< the only type there is
constexpr std::uint64_t kBitmapAllOnes = 1;       ///< table entry without a cluster

// Limits of ours; the count is QEMU's.
constexpr std::uint32_t kMaxBitmaps = 65535;
constexpr std::uint64_t kMaxBitmapDirectoryBytes = 8u << 20;
constexpr std::uint32_t kMaxBitmapName = 1023;
constexpr std::uint64_t kMaxBitmapTableEntries = 1u << 20;

/// A bitmap as the directory describes it.
struct BitmapEntry {
  std::string name;
  std::uint64_t position = 0;  ///< of the entry, in bytes from the start of the directory
  std::uint64_t table_offset = 0;
  std::uint32_t table_entries = 0;
  std::uint32_t flags = 0;
  std::uint8_t type = 0;
  std::uint8_t granularity_bits = 0;
  std::uint32_t extra_bytes = 0;

  bool in_use() const { return (flags & kBitmapInUse) != 0; }
  bool enabled() const { return (flags & kBitmapAuto) != 0; }
};

/// How many table entries a bitmap over `size` bytes of disk has.
std::uint64_t bitmap_table_entries(std::uint64_t size, unsigned granularity_bits,
                                   const Geometry& geometry);

/// Reads the directory that `header` names; every entry is checked, and that its table lies in the
/// file. Empty if there is none, or if some program did not keep it up (autoclear).
Result<std::vector<BitmapEntry>> read_bitmap_directory(BlockDevice& file, const Header& header);

/// The "bitmaps" of an image's facts: flags, name and granularity of each.
std::vector<FactGroup> bitmap_facts(const std::vector<BitmapEntry>& directory);

/// Why Cassia must not write to this bitmap, ready to follow "its bitmap 'x' "; nothing if it may.
std::optional<std::string> bitmap_obstacle(const BitmapEntry& entry);

// In-place changes, each inside one sector. `directory_offset` as in the header.
Result<void> patch_bitmap_flags(BlockDevice& file, std::uint64_t directory_offset,
                                const BitmapEntry& entry);

}  // namespace cassia::storage::qcow2
