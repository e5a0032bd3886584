// SPDX-License-Identifier: Apache-2.0
#pragma once

// The registry as the tables of docs/protocol.md.

#include <string>
#include <string_view>

#include "base/result.h"

namespace cassia::registry {

/// All tables, Markdown.
std::string as_markdown();

/// `page` with what stands between its two markers replaced by as_markdown().
Result<std::string> refresh_page(std::string_view page);

}  // namespace cassia::registry
