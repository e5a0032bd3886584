// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/format/open.h"

namespace cassia::storage {

enum class SnapshotAction { list, create, apply, remove };

struct SnapshotSpec {
  std::string path;
  std::string format;
  SnapshotAction action = SnapshotAction::list;
  std::string name;          ///< of the new one; id or name of an existing one; unused for list
  bool force_share = false;  ///< for list
};

/// Does it; the snapshots there are afterwards.
Result<std::vector<SnapshotInfo>> snapshot_image(const ImageEnvironment& environment,
                                                 const SnapshotSpec& spec);

}  // namespace cassia::storage
