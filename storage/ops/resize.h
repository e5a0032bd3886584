// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/format/open.h"

namespace cassia::storage {

struct ResizeSpec {
  std::string path;
  std::string format;
  enum class Relation { absolute, grow_by, shrink_by } relation = Relation::absolute;
  std::uint64_t size = 0;  ///< bytes: the new size, or the difference
  bool allow_shrink = false;
};

/// Changes an image's virtual size; returns the new one. Losing data needs allow_shrink.
Result<std::uint64_t> resize_image(const ImageEnvironment& environment, const ResizeSpec& spec);

}  // namespace cassia::storage
