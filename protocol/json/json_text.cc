// SPDX-License-Identifier: Apache-2.0
#include "protocol/json/json_text.h"

#include <nlohmann/json.hpp>

namespace cassia {
namespace {

using nlohmann::json;

// The parser keeps its own stack, but writing and copying a value recurse: a megabyte of '[' must
// not reach them.
bool nested_deeper_than(std::string_view text, unsigned limit) {
  unsigned depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > limit) return true;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

}  // namespace

Result<json> parse_json(std::string_view text, unsigned max_depth) {
  if (nested_deeper_than(text, max_depth)) {
    return fail(ErrorKind::malformed, "JSON nested deeper than {} levels", max_depth);
  }
  json value = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) {
    return fail(ErrorKind::malformed, "not valid JSON ({} bytes)", text.size());
  }
  return value;
}

std::string to_text(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

const json& member(const json& value, std::string_view key) {
  static const json null;
  if (!value.is_object()) return null;
  const auto found = value.find(key);
  return found == value.end() ? null : *found;
}

std::string text_at(const json& value, std::string_view key, std::string_view otherwise) {
  const json& found = member(value, key);
  return found.is_string() ? found.get<std::string>() : std::string(otherwise);
}

std::int64_t number_at(const json& value, std::string_view key, std::int64_t otherwise) {
  const json& found = member(value, key);
  return found.is_number_integer() ? found.get<std::int64_t>() : otherwise;
}

bool flag_at(const json& value, std::string_view key, bool otherwise) {
  const json& found = member(value, key);
  return found.is_boolean() ? found.get<bool>() : otherwise;
}

}  // namespace cassia
