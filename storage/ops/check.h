// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/format/open.h"

namespace cassia::storage {

struct CheckSpec {
  std::string path;
  std::string format;
  bool force_share = false;
  Repair repair = Repair::none;
};

struct CheckOutcome {
  std::string filename;
  std::string format;
  /// What was found; after a repair the counts come from a second look, *_fixed from the first.
  CheckReport report;
  bool repaired = false;  ///< something was fixed
};

/// Looks at (and mends) an image's metadata. Formats without any fail with unsupported.
Result<CheckOutcome> check_image(const ImageEnvironment& environment, const CheckSpec& spec,
                                 Progress& progress);

}  // namespace cassia::storage
