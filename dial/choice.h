// SPDX-License-Identifier: Apache-2.0
#pragma once

// How the programs that dial let a person choose the way.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_connect.h"

namespace cassia::dial {

/// "main,inputs" (or with semicolons, as in a .vv file) as Target::secure_channels.
std::vector<std::string> channel_names(std::string_view list);

/// The proxy that `option` names; if it is empty, the one in the variable SPICE_PROXY, if any. An
/// error says which of the two is wrong.
Result<std::optional<net::Proxy>> choose_proxy(const std::string& option);

}  // namespace cassia::dial
