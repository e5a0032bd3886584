// SPDX-License-Identifier: Apache-2.0
#pragma once

// The table of internal snapshots, between bytes and structs.

#include <vector>

#include "storage/format/image.h"
#include "storage/format/qcow2/header.h"

namespace cassia::storage::qcow2 {

struct Snapshot {
  SnapshotInfo info;
  std::uint64_t l1_offset = 0;
  std::uint32_t l1_size = 0;
  Bytes unknown_extra;  ///< extra data beyond what we know, kept as it is
};

struct SnapshotTable {
  std::vector<Snapshot> snapshots;
  std::uint64_t bytes = 0;  ///< length of the table in the file
};

/// Reads the table that `header` names; every L1 table's size and place is checked.
Result<SnapshotTable> read_snapshot_table(BlockDevice& file, const Header& header);
Bytes build_snapshot_table(const std::vector<Snapshot>& snapshots);

}  // namespace cassia::storage::qcow2
