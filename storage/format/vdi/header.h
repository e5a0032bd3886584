// SPDX-License-Identifier: Apache-2.0
#pragma once

// The header of a VDI image (VirtualBox; QEMU, block/vdi.c): one sector of little-endian fields,
// followed somewhere by a table with one 32-bit entry for each block of the disk.

#include "storage/block/block_device.h"
#include "storage/format/common/uuid.h"

namespace cassia::storage::vdi {

constexpr std::uint32_t kSignature = 0xbeda107f;
constexpr std::size_t kSignatureAt = 0x40;
constexpr std::size_t kHeaderBytes = 512;
constexpr std::uint32_t kVersion11 = 0x00010001;
constexpr std::uint32_t kBlockSize = 1u << 20;  ///< VirtualBox and QEMU know no other

/// Table entries from here on are no block numbers.
constexpr std::uint32_t kNoBlock = 0xffffffff;
constexpr std::uint32_t kZeroBlock = 0xfffffffe;

/// QEMU's limit too.
constexpr std::uint32_t kMaxBlocks = 0x3fffffff;

enum class Kind : std::uint32_t { dynamic = 1, fixed = 2 };

struct Header {
  Kind kind = Kind::dynamic;
  std::uint32_t table_offset = kHeaderBytes;
  std::uint32_t data_offset = 0;
  std::uint64_t disk_size = 0;
  std::uint32_t blocks = 0;
  std::uint32_t allocated = 0;  ///< number of the block that is made next

  std::uint64_t table_bytes() const { return std::uint64_t{blocks} * 4; }
};

/// Reads and checks the header of `file`. What we do not have is refused by name.
Result<Header> parse_header(BlockDevice& file);
/// The header sector of a new image, with UUIDs of its own.
Bytes build_header(const Header& header);
/// Changes the count of allocated blocks in place.
Result<void> patch_allocated(BlockDevice& file, std::uint32_t allocated);

}  // namespace cassia::storage::vdi
