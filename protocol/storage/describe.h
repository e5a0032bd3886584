// SPDX-License-Identifier: Apache-2.0
#pragma once

// The schema as text for people and as JSON for programs.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"
#include "protocol/storage/schema.h"

namespace cassia::storage {

/// Markdown: one table of verbs, then each verb's parameters, then the records.
std::string schema_as_markdown();

/// The answer of storage.describe.
nlohmann::json schema_as_json();

/// "attach IMAGE [-f FORMAT] [--read-only]": how cassia-disk takes the verb.
std::string usage(const Verb& verb);

/// `page` with what stands between its two schema markers replaced by schema_as_markdown().
Result<std::string> refresh_page(std::string_view page);

}  // namespace cassia::storage
