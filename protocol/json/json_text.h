// SPDX-License-Identifier: Apache-2.0
#pragma once

// JSON text from a peer, and short ways to read it. nlohmann/json does the parsing; what is here
// keeps its exceptions, its recursion and its weight out of the rest of the tree.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cassia {

/// The one JSON value that `text` holds. Anything else, values nested deeper than `max_depth` and
/// invalid UTF-8 are ErrorKind::malformed.
Result<nlohmann::json> parse_json(std::string_view text, unsigned max_depth = 64);

/// Compact text on one line. Bytes that are not UTF-8 (file names can hold any) become U+FFFD.
std::string to_text(const nlohmann::json& value);

/// The member `key` of an object; a null value if `value` is no object or has no such member.
const nlohmann::json& member(const nlohmann::json& value, std::string_view key);

/// The member as the type asked for, or `otherwise` if it is absent or of another type.
std::string text_at(const nlohmann::json& value, std::string_view key,
                    std::string_view otherwise = {});
std::int64_t number_at(const nlohmann::json& value, std::string_view key,
                       std::int64_t otherwise = 0);
bool flag_at(const nlohmann::json& value, std::string_view key, bool otherwise = false);

}  // namespace cassia
