// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "storage/format/open.h"

namespace cassia::storage {

struct CreateImageSpec {
  std::string path;
  std::string format = "raw";
  std::optional<std::uint64_t> size;  ///< bytes; absent: that of the backing image
  std::string backing_file;           ///< as it will stand in the header
  std::string backing_format;
  bool backing_unchecked = false;  ///< do not open the backing image (-u)
  OptionMap options;
};

/// A request that has been checked whole; nothing has been touched yet.
struct CreatePlan {
  std::string path;
  const FormatDriver* driver = nullptr;
  CreateSpec spec;
};

Result<CreatePlan> plan_create(const ImageEnvironment& environment, const CreateImageSpec& spec);

/// Writes the image and puts it in place whole; an image that was there and is not in use is
/// replaced. A block device is written in place.
Result<void> create_image(const CreatePlan& plan);

}  // namespace cassia::storage
