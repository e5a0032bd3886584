// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/app/options.h"

namespace cassia::client {

/// cassia-viewer --headless: connects, waits for the first complete picture, types, waits until the
/// picture is at rest, leaves the files it was asked for.
Result<void> run_headless(const ViewerOptions& options);

}  // namespace cassia::client
