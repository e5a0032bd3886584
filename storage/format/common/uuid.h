// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace cassia::storage {

using Uuid = std::array<std::uint8_t, 16>;

/// A random UUID (version 4), in the byte order of its text.
Uuid random_uuid();

}  // namespace cassia::storage
