// SPDX-License-Identifier: Apache-2.0
#pragma once

// Kinds of errors as they cross the wire by name (base/result.h, to_string(ErrorKind)).

#include <string_view>

#include "base/result.h"

namespace cassia::storage {

/// The kind of that name; io for a name that this version does not know.
ErrorKind error_kind_named(std::string_view name);

}  // namespace cassia::storage
