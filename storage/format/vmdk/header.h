// SPDX-License-Identifier: Apache-2.0
#pragma once

// The header of a hosted sparse VMDK extent (VMware, "Virtual Disk Format 5.0"), little-endian. A
// directory leads to tables of 32-bit entries, one for each grain (64 KiB as a rule); there may be
// a second copy of both. Numbers of sectors throughout the file; bytes here.

#include <optional>

#include "storage/block/block_device.h"
#include "storage/format/vmdk/descriptor.h"

namespace cassia::storage::vmdk {

constexpr std::uint64_t kSector = 512;
constexpr std::size_t kHeaderBytes = 512;
constexpr std::uint32_t kMagic = 0x564d444b;                  // "KDMV"
constexpr std::uint64_t kSeSparseMagic = 0x00000000cafebabe;  // extents of newer ESX
constexpr std::uint32_t kCowdMagic = 0x44574f43;              // "COWD", sparse extents of old ESX
constexpr std::uint32_t kEntriesPerTable = 512;
constexpr std::uint64_t kDefaultGrain = 65536;
constexpr std::uint64_t kMaxGrain = 8u << 20;
constexpr std::uint64_t kDescriptorBytes = 20 * kSector;

constexpr std::uint32_t kFlagNewline = 1u << 0;
constexpr std::uint32_t kFlagRedundant = 1u << 1;
constexpr std::uint32_t kFlagZeroGrain = 1u << 2;
constexpr std::uint32_t kFlagCompressed = 1u << 16;
constexpr std::uint32_t kFlagMarkers = 1u << 17;

/// A table entry that says "zeroes", if kFlagZeroGrain is set.
constexpr std::uint32_t kZeroGrain = 1;

struct Header {
  std::uint32_t version = 1;
  std::uint32_t flags = kFlagNewline | kFlagRedundant;
  std::uint64_t capacity = 0;  ///< bytes of the disk
  std::uint64_t grain = kDefaultGrain;
  std::uint64_t descriptor_offset = kSector;
  std::uint64_t descriptor_bytes = kDescriptorBytes;
  std::uint32_t entries_per_table = kEntriesPerTable;
  std::uint64_t directory = 0;
  std::optional<std::uint64_t> redundant;  ///< the second directory
  std::uint64_t data_offset = 0;
  bool directory_at_end = false;  ///< a stream: written once, from start to end

  bool compressed() const { return (flags & kFlagCompressed) != 0; }
  std::uint64_t table_span() const { return grain * entries_per_table; }
  std::uint64_t tables() const { return (capacity + table_span() - 1) / table_span(); }
  std::uint64_t table_bytes() const { return std::uint64_t{entries_per_table} * 4; }
};

/// Reads and checks the header of `file` (of a stream: the one at its end).
Result<Header> parse_header(BlockDevice& file);
Bytes build_header(const Header& header);

}  // namespace cassia::storage::vmdk
