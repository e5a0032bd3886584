// SPDX-License-Identifier: Apache-2.0
#pragma once

// The qcow2 header: parsed with every field checked, built for new images, patched in place.

#include <string>

#include "storage/block/block_device.h"
#include "storage/format/qcow2/layout.h"

namespace cassia::storage::qcow2 {

struct BitmapsExtension {
  std::uint32_t count = 0;
  std::uint64_t directory_size = 0;
  std::uint64_t directory_offset = 0;
  std::uint64_t position = 0;  ///< where the extension's body lies in the file
};

struct Header {
  std::uint32_t version = 3;
  std::string backing_file;
  std::string backing_format;
  Geometry geometry;
  std::uint64_t size = 0;
  std::uint32_t l1_size = 0;
  std::uint64_t l1_offset = 0;
  std::uint64_t refcount_table_offset = 0;
  std::uint32_t refcount_table_clusters = 0;
  std::uint32_t snapshot_count = 0;
  std::uint64_t snapshots_offset = 0;
  std::uint64_t incompatible = 0;
  std::uint64_t compatible = 0;
  std::uint64_t autoclear = 0;
  Compression compression = Compression::zlib;
  BitmapsExtension bitmaps;  ///< count 0: not there

  bool dirty() const { return (incompatible & kIncompatibleDirty) != 0; }
  bool corrupt() const { return (incompatible & kIncompatibleCorrupt) != 0; }
};

/// Reads and checks the header of `file`. Features we do not have are refused by name.
Result<Header> parse_header(BlockDevice& file);

/// Header, extensions and backing file name as they stand in the first cluster of a new image;
/// fails if the name does not fit.
Result<Bytes> build_header(const Header& header);

/// True for a disk size, cluster size and table offset that the format can express.
Result<void> check_table(const std::string& name, const char* what, std::uint64_t offset,
                         std::uint64_t bytes, std::uint64_t cap, const Geometry& geometry);

// In-place changes. Each is one small write inside one sector, so it happens whole or not at all.
Result<void> patch_size_and_l1(BlockDevice& file, const Header& header);
Result<void> patch_refcount_table(BlockDevice& file, const Header& header);
Result<void> patch_snapshots(BlockDevice& file, const Header& header);
Result<void> patch_features(BlockDevice& file, const Header& header);
Result<void> patch_bitmap_directory(BlockDevice& file, const Header& header);

}  // namespace cassia::storage::qcow2
