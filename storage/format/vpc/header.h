// SPDX-License-Identifier: Apache-2.0
#pragma once

// The two headers of a VHD image (Microsoft, "Virtual Hard Disk Image Format Specification" 1.0):
// the footer, which ends every image and of which dynamic and differencing ones have a copy at
// their start, and the dynamic header. Fields are big-endian.

#include <string>

#include "storage/block/block_device.h"
#include "storage/format/common/uuid.h"

namespace cassia::storage::vpc {

constexpr std::uint64_t kSector = 512;
constexpr std::size_t kFooterBytes = 512;
constexpr std::size_t kDynamicHeaderBytes = 1024;
constexpr std::uint32_t kNoBlock = 0xffffffff;
constexpr std::uint32_t kDefaultBlockSize = 2u << 20;
/// QEMU's limit: 2040 GiB, what a 32-bit sector number reaches with room for the bitmaps.
constexpr std::uint64_t kMaxSectors = 0xff000000;

enum class Kind : std::uint32_t { fixed = 2, dynamic = 3, differencing = 4 };

/// A disk's shape as BIOSes once wanted it.
struct ChsGeometry {
  std::uint16_t cylinders = 0;
  std::uint8_t heads = 0;
  std::uint8_t sectors = 0;
  std::uint64_t total() const { return std::uint64_t{cylinders} * heads * sectors; }
};
constexpr ChsGeometry kMaxGeometry{65535, 16, 255};

/// The largest shape with no more than `sectors` (specification, appendix "CHS calculation").
ChsGeometry geometry_for(std::uint64_t sectors);
/// The smallest such shape with at least `sectors`, or kMaxGeometry.
ChsGeometry geometry_holding(std::uint64_t sectors);

struct Header {
  Kind kind = Kind::dynamic;
  std::uint64_t disk_size = 0;  ///< bytes that the guest sees
  ChsGeometry geometry;
  bool exact_size = false;  ///< readers are to take the size, not the shape
  Uuid uuid{};

  // Not in fixed images:
  std::uint64_t table_offset = 0;
  std::uint32_t blocks = 0;
  std::uint32_t block_size = kDefaultBlockSize;
  Uuid parent_uuid{};
  std::string parent;  ///< path of the image below, as good as the header tells it

  std::uint64_t table_bytes() const { return std::uint64_t{blocks} * 4; }
  /// Bytes of the sector bitmap before each block's data.
  std::uint64_t bitmap_bytes() const {
    return (block_size / kSector / 8 + kSector - 1) / kSector * kSector;
  }
};

/// Reads and checks the headers of `file`.
Result<Header> parse_header(BlockDevice& file);
/// True for the start of a footer.
bool is_footer(ByteView bytes);
Bytes build_footer(const Header& header);
Bytes build_dynamic_header(const Header& header);

}  // namespace cassia::storage::vpc
