// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/format/open.h"

namespace cassia::storage {

struct CompareSpec {
  std::string first;
  std::string first_format;
  std::string second;
  std::string second_format;
  bool force_share = false;
  bool strict = false;  ///< sizes and allocation must agree too
};

enum class CompareVerdict { identical, size_differs, allocation_differs, content_differs };

struct CompareOutcome {
  CompareVerdict verdict = CompareVerdict::identical;
  std::uint64_t offset = 0;   ///< of the first difference in content or allocation
  bool sizes_differ = false;  ///< one is longer, and the rest of it is zeroes
};

/// Compares what two images show. Progress counts guest bytes.
Result<CompareOutcome> compare_images(const ImageEnvironment& environment, const CompareSpec& spec,
                                      Progress& progress);

}  // namespace cassia::storage
