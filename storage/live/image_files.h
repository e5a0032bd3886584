// SPDX-License-Identifier: Apache-2.0
#pragma once

// Facts about image files below a storage root, as the console shows them.

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"
#include "storage/format/open.h"
#include "storage/live/storage_root.h"
#include "storage/live/vm_disks.h"

namespace cassia::storage {

/// The record "Image" of one image; what keeps it from being opened stands in "problem".
nlohmann::json image_record(const StorageRoot& root, const ImageEnvironment& environment,
                            const std::string& relative);

/// The record "Image" of every image below `folder`. Reads many files: not for an event loop.
Result<nlohmann::json> list_images(const StorageRoot& root, const ImageEnvironment& environment,
                                   const std::string& folder);

/// A disk that is a plain image file: everything but id, bus and state filled in.
Result<DiskInfo> describe_image(const StorageRoot& root, const ImageEnvironment& environment,
                                const std::filesystem::path& path);

}  // namespace cassia::storage
