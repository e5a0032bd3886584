// SPDX-License-Identifier: Apache-2.0
#include "protocol/registry/headers.h"

#include <algorithm>
#include <cctype>

#include "base/file.h"

namespace cassia::registry {
namespace {

std::string without_comments(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (text.substr(i, 2) == "/*") {
      const std::size_t end = text.find("*/", i + 2);
      i = end == std::string_view::npos ? text.size() : end + 2;
    } else if (text.substr(i, 2) == "//") {
      i = std::min(text.find('\n', i), text.size());
    } else {
      out += text[i++];
    }
  }
  return out;
}

bool of_a_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

/// The first word of each comma-separated part.
void add_names(std::string_view body, std::vector<std::string>& out) {
  while (!body.empty()) {
    const std::size_t comma = std::min(body.find(','), body.size());
    std::string_view part = body.substr(0, comma);
    part.remove_prefix(
        static_cast<std::size_t>(std::find_if(part.begin(), part.end(), of_a_name) - part.begin()));
    const auto end = std::find_if_not(part.begin(), part.end(), of_a_name);
    if (end != part.begin()) out.emplace_back(part.begin(), end);
    body.remove_prefix(std::min(comma + 1, body.size()));
  }
}

}  // namespace

std::vector<std::string> enumerators(std::string_view header) {
  const std::string text = without_comments(header);
  std::vector<std::string> out;
  for (std::size_t at = text.find("enum"); at != std::string::npos;
       at = text.find("enum", at + 4)) {
    const bool whole_word = (at == 0 || !of_a_name(text[at - 1])) && !of_a_name(text[at + 4]);
    if (!whole_word) continue;
    const std::size_t open = text.find_first_of("{;", at);
    if (open == std::string::npos || text[open] == ';') continue;
    const std::size_t close = text.find('}', open);
    if (close == std::string::npos) break;
    add_names(std::string_view(text).substr(open + 1, close - open - 1), out);
  }
  return out;
}

Result<std::vector<std::string>> protocol_symbols(const std::string& include_folder) {
  std::vector<std::string> out;
  for (const char* header : {"enums.h", "protocol.h", "vd_agent.h"}) {
    const Bytes text = CASSIA_TRY(read_file(include_folder + "/spice/" + header));
    for (std::string& name : enumerators(as_text(text))) out.push_back(std::move(name));
  }
  return out;
}

bool needs_row(std::string_view symbol, const std::vector<std::string_view>& patterns) {
  if (symbol.find("_END_") != std::string_view::npos || symbol.ends_with("_ENUM_END")) return false;
  return std::any_of(patterns.begin(), patterns.end(), [&](std::string_view pattern) {
    return pattern.ends_with('_') ? symbol.starts_with(pattern) : symbol == pattern;
  });
}

}  // namespace cassia::registry
