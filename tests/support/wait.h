// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "base/result.h"

namespace cassia::test {

using Timeout = std::chrono::milliseconds;

/// True as soon as `condition` holds, false if it does not within `limit`. Looks at the real state
/// again and again, so a fast machine does not wait and a slow one has time.
bool wait_until(const std::function<bool()>& condition, Timeout limit = std::chrono::seconds(20));

/// A TCP port of 127.0.0.1 that nothing listened on a moment ago.
Result<std::uint16_t> free_port();

/// True if something accepts connections on 127.0.0.1:`port`.
bool port_answers(std::uint16_t port);

}  // namespace cassia::test
