// SPDX-License-Identifier: Apache-2.0
#pragma once

// Compressed grains: a marker (sector of the disk, length), then a zlib stream.

#include "storage/block/block_device.h"

namespace cassia::storage::vmdk {

/// Marker and stream for the grain that begins at byte `offset` of the disk, filled up to a sector.
Result<Bytes> pack_grain(std::uint64_t offset, ByteView grain);
/// Fills `grain` from what lies at `host`. Checks that it is the one at `offset` of the disk; it
/// holds at least `needed` bytes (the last grain may end with the disk), and the rest is zeroed.
Result<void> unpack_grain(BlockDevice& file, std::uint64_t host, std::uint64_t offset,
                          std::uint64_t needed, MutableByteView grain);

}  // namespace cassia::storage::vmdk
