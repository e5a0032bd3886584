// SPDX-License-Identifier: Apache-2.0
#pragma once

// The numbers of the qcow2 format (QEMU, docs/interop/qcow2.txt) and the limits we set on them.

#include <cstdint>

#include "base/bytes.h"
#include "storage/format/common/big_endian.h"

namespace cassia::storage::qcow2 {

constexpr std::uint32_t kMagic = 0x514649fb;  // "QFI\xfb"
constexpr std::uint32_t kHeaderLengthV2 = 72;
constexpr std::uint32_t kHeaderLengthV3 = 104;

constexpr std::uint32_t kExtensionEnd = 0;
constexpr std::uint32_t kExtensionBackingFormat = 0xe2792aca;
constexpr std::uint32_t kExtensionFeatureNames = 0x6803f857;
constexpr std::uint32_t kExtensionBitmaps = 0x23852875;

constexpr std::uint64_t kIncompatibleDirty = 1u << 0;
constexpr std::uint64_t kIncompatibleCorrupt = 1u << 1;
constexpr std::uint64_t kIncompatibleDataFile = 1u << 2;
constexpr std::uint64_t kIncompatibleCompression = 1u << 3;
constexpr std::uint64_t kIncompatibleExtendedL2 = 1u << 4;
constexpr std::uint64_t kCompatibleLazyRefcounts = 1u << 0;
constexpr std::uint64_t kAutoclearBitmaps = 1u << 0;

constexpr std::uint64_t kCopied = std::uint64_t{1} << 63;
constexpr std::uint64_t kCompressed = std::uint64_t{1} << 62;
constexpr std::uint64_t kZero = 1;
constexpr std::uint64_t kOffsetMask =
    0x00fffffffffffe00;  // bits 9-55 of L1 and standard L2 entries
constexpr std::uint64_t kMaxHostOffset = std::uint64_t{1} << 56;

// Limits of ours, where they are QEMU's too.
constexpr unsigned kMinClusterBits = 9;
constexpr unsigned kMaxClusterBits = 21;
constexpr std::uint64_t kMaxL1Bytes = 32u << 20;
constexpr std::uint64_t kMaxRefcountTableBytes = 8u << 20;
constexpr std::uint32_t kMaxSnapshots = 65536;
constexpr std::uint64_t kMaxSnapshotTableBytes = 64u << 20;
constexpr std::uint32_t kMaxSnapshotExtraBytes = 1024;
constexpr std::uint32_t kMaxBackingName = 1023;

enum class Compression : std::uint8_t { zlib = 0, zstd = 1 };

/// What follows from cluster_bits and refcount_order.
struct Geometry {
  unsigned cluster_bits = 16;
  unsigned refcount_order = 4;

  std::uint64_t cluster_size() const { return std::uint64_t{1} << cluster_bits; }
  std::uint64_t l2_entries() const { return cluster_size() / 8; }
  /// Guest bytes that one L2 table maps.
  std::uint64_t l2_span() const { return cluster_size() * l2_entries(); }
  std::uint64_t refcount_block_entries() const { return (cluster_size() * 8) >> refcount_order; }
  std::uint64_t max_refcount() const {
    return refcount_order == 6 ? ~std::uint64_t{0}
                               : (std::uint64_t{1} << (1u << refcount_order)) - 1;
  }
  std::uint64_t clusters(std::uint64_t bytes) const {
    return (bytes >> cluster_bits) + ((bytes & (cluster_size() - 1)) != 0 ? 1 : 0);
  }
  std::uint64_t in_cluster(std::uint64_t offset) const { return offset & (cluster_size() - 1); }
  std::uint64_t l1_entries_for(std::uint64_t size) const {
    return size / l2_span() + (size % l2_span() != 0 ? 1 : 0);
  }
  unsigned compressed_offset_bits() const { return 62 - (cluster_bits - 8); }
};

enum class ClusterKind { unallocated, zero_plain, zero_allocated, normal, compressed };

inline ClusterKind kind_of(std::uint64_t l2_entry) {
  if ((l2_entry & kCompressed) != 0) return ClusterKind::compressed;
  const bool has_host = (l2_entry & kOffsetMask) != 0;
  if ((l2_entry & kZero) != 0) {
    return has_host ? ClusterKind::zero_allocated : ClusterKind::zero_plain;
  }
  return has_host ? ClusterKind::normal : ClusterKind::unallocated;
}

/// Where the bytes of a compressed cluster lie.
struct CompressedSpan {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  ///< to the end of the last 512-byte sector
};

inline CompressedSpan compressed_span(std::uint64_t l2_entry, const Geometry& geometry) {
  const unsigned bits = geometry.compressed_offset_bits();
  CompressedSpan span;
  span.offset = l2_entry & ((std::uint64_t{1} << bits) - 1);
  const std::uint64_t more = (l2_entry & (kCompressed - 1)) >> bits;
  span.length = (more + 1) * 512 - (span.offset & 511);
  return span;
}

}  // namespace cassia::storage::qcow2
