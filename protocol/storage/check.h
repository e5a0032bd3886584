// SPDX-License-Identifier: Apache-2.0
#pragma once

// A request held against the schema, whole, before anything acts on it.

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "protocol/storage/schema.h"

namespace cassia::storage {

/// Longest text parameter, in bytes. Paths and names are shorter.
inline constexpr std::size_t max_text_parameter = 4096;

/// Unknown, missing, mistyped and unlisted values are ErrorKind::invalid_argument, with a sentence
/// that names the parameter. `params` is an object, or null for a verb without required parameters.
Result<void> check_params(const Verb& verb, const nlohmann::json& params);

/// ErrorKind::permission if `held` does not include what the verb needs.
Result<void> check_right(const Verb& verb, Right held);

}  // namespace cassia::storage
