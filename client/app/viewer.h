// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/app/options.h"

namespace cassia::client {

/// cassia-viewer with a window, until the person closes it.
Result<void> run_viewer(const ViewerOptions& options);

}  // namespace cassia::client
