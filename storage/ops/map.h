// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "storage/format/open.h"

namespace cassia::storage {

struct MapSpec {
  std::string path;
  std::string format;
  bool force_share = false;
  std::uint64_t start = 0;
  std::uint64_t max_length = ~std::uint64_t{0};
};

struct MapEntry {
  Extent extent;         ///< neighbours with the same properties are one entry
  std::string filename;  ///< the file that holds the bytes, where host_offset says so
};

/// Calls `sink` for each stretch of the image, in order.
Result<void> map_image(const ImageEnvironment& environment, const MapSpec& spec,
                       const std::function<void(const MapEntry&)>& sink);

}  // namespace cassia::storage
