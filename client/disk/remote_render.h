// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers of the storage channel as text: tables whose columns are the titled fields of the schema.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "protocol/storage/schema.h"

namespace cassia::client {

/// A table for a list (its headings alone if it is empty), "TITLE: value" lines for one record.
std::string render_answer(const storage::Verb& verb, const nlohmann::json& answer);

}  // namespace cassia::client
