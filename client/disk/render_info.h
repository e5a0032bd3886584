// SPDX-License-Identifier: Apache-2.0
#pragma once

// Facts about images in qemu-img's words: its text and its JSON.

#include <string>
#include <vector>

#include "storage/ops/info.h"

namespace cassia::client {

std::string info_text(const storage::InfoEntry& entry);
/// One object, or (`chain`) a list of them.
std::string info_json(const std::vector<storage::InfoEntry>& entries, bool chain);
/// "Snapshot list:" and its table.
std::string snapshot_table(const std::vector<storage::SnapshotInfo>& snapshots);

}  // namespace cassia::client
