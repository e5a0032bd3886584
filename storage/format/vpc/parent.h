// SPDX-License-Identifier: Apache-2.0
#pragma once

// How a differencing VHD names the image below it: a file name and up to eight "locators".

#include <string>

#include "storage/block/block_device.h"

namespace cassia::storage::vpc {

/// The path of the image below as UTF-8 with slashes: the relative locator (W2ru) if there is one,
/// else the plain file name, which is looked for beside the image. Absolute paths of the Windows
/// machine where the image was made are of no use here. `header` is the dynamic header.
Result<std::string> parent_path(ByteView header, BlockDevice& file);

}  // namespace cassia::storage::vpc
