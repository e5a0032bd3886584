// SPDX-License-Identifier: Apache-2.0
#pragma once

// An image and the images below it, looked at by us before QEMU is told each of them by name:
// QEMU on its own would follow whatever the headers say.

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "storage/format/open.h"
#include "storage/live/storage_root.h"

namespace cassia::storage {

struct ChainLink {
  std::filesystem::path path;  ///< absolute, free of symbolic links, beneath the root
  std::string format;
};

/// Top first. Refused: what lies outside the root, a backing file without a stated format, loops,
/// more than 64 images, anything a header says that only QEMU would know how to follow.
Result<std::vector<ChainLink>> inspect_chain(const StorageRoot& root,
                                             const ImageEnvironment& environment,
                                             std::string_view image, std::string_view format);

/// The argument of blockdev-add that opens exactly this chain. Nodes are called PREFIX-fmt and
/// PREFIX-file, those of the images below PREFIX-b1-fmt and so on.
nlohmann::json node_graph(const std::vector<ChainLink>& chain, const std::string& prefix,
                          bool read_only);

}  // namespace cassia::storage
