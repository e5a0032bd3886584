// SPDX-License-Identifier: Apache-2.0
#pragma once

// The enumerators of the spice-protocol headers, read from their text: what the registry has to
// cover.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cassia::registry {

/// The names of all enumerators of a C header, in their order. Comments are skipped; what is not
/// an enumerator (macros, structs, typedef names) is not listed.
std::vector<std::string> enumerators(std::string_view header);

/// Those of spice/enums.h, spice/protocol.h and spice/vd_agent.h below `include_folder`.
Result<std::vector<std::string>> protocol_symbols(const std::string& include_folder);

/// True for symbols that a table with these patterns (see Table) has to have a row for. Ends of
/// enumerations (SPICE_MSG_END_MAIN, SPICE_LINK_ERR_ENUM_END) need none.
bool needs_row(std::string_view symbol, const std::vector<std::string_view>& patterns);

}  // namespace cassia::registry
