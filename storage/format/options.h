// SPDX-License-Identifier: Apache-2.0
#pragma once

// The "-o name=value,name=value" options of creating an image, and sizes as people write them.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cassia::storage {

/// Option names and values as given; each format says which it knows.
using OptionMap = std::map<std::string, std::string, std::less<>>;

/// "a=1,b=2" into a map; ",," stands for a comma in a value, a lone name means "on".
Result<OptionMap> parse_options(std::string_view text);

/// "10M", "1.5G", "512", "64k" in bytes (b k K M G T P E, powers of 1024; no suffix: bytes).
Result<std::uint64_t> parse_size(std::string_view text);

/// "on"/"off" (also yes/no, true/false, y/n) of option `name`.
Result<bool> parse_switch(std::string_view name, std::string_view value);

}  // namespace cassia::storage
