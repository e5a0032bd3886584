// SPDX-License-Identifier: Apache-2.0
#include "protocol/storage/check.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace cassia::storage {
namespace {

using nlohmann::json;

bool has_type(const json& value, ValueType type) {
  switch (type) {
    case ValueType::text:
      return value.is_string();
    case ValueType::integer:
      return value.is_number_integer();
    case ValueType::boolean:
      return value.is_boolean();
  }
  return false;
}

bool listed(std::string_view choices, std::string_view value) {
  while (!choices.empty()) {
    const std::size_t bar = choices.find('|');
    if (choices.substr(0, bar) == value) return true;
    choices.remove_prefix(bar == std::string_view::npos ? choices.size() : bar + 1);
  }
  return false;
}

Result<void> check_value(const Verb& verb, const Parameter& parameter, const json& value) {
  if (!has_type(value, parameter.type)) {
    return fail(ErrorKind::invalid_argument, "{}: parameter '{}' must be {} {}", verb.name,
                parameter.name, parameter.type == ValueType::integer ? "an" : "a",
                to_string(parameter.type));
  }
  if (parameter.type != ValueType::text) return {};
  const auto& text = value.get_ref<const std::string&>();
  if (text.size() > max_text_parameter) {
    return fail(ErrorKind::invalid_argument, "{}: parameter '{}' is longer than {} bytes",
                verb.name, parameter.name, max_text_parameter);
  }
  if (std::any_of(text.begin(), text.end(),
                  [](char c) { return static_cast<unsigned char>(c) < 32; })) {
    return fail(ErrorKind::invalid_argument, "{}: parameter '{}' holds a control character",
                verb.name, parameter.name);
  }
  if (parameter.required && text.empty()) {
    return fail(ErrorKind::invalid_argument, "{}: parameter '{}' is empty", verb.name,
                parameter.name);
  }
  if (!parameter.choices.empty() && !listed(parameter.choices, text)) {
    return fail(ErrorKind::invalid_argument, "{}: parameter '{}' must be one of {}, not '{}'",
                verb.name, parameter.name, parameter.choices, text);
  }
  return {};
}

}  // namespace

Result<void> check_params(const Verb& verb, const json& params) {
  if (!params.is_object() && !params.is_null()) {
    return fail(ErrorKind::invalid_argument, "{}: parameters are given by name, in an object",
                verb.name);
  }
  for (const auto& [name, value] : params.items()) {
    const auto known = std::find_if(verb.parameters.begin(), verb.parameters.end(),
                                    [&, key = std::string_view(name)](const Parameter& parameter) {
                                      return parameter.name == key;
                                    });
    if (known == verb.parameters.end()) {
      return fail(ErrorKind::invalid_argument, "{}: there is no parameter '{}'", verb.name,
                  name.substr(0, 64));
    }
    CASSIA_TRY(check_value(verb, *known, value));
  }
  for (const Parameter& parameter : verb.parameters) {
    if (parameter.required && !params.contains(parameter.name)) {
      return fail(ErrorKind::invalid_argument, "{}: parameter '{}' is missing ({})", verb.name,
                  parameter.name, parameter.doc);
    }
  }
  return {};
}

Result<void> check_right(const Verb& verb, Right held) {
  if (held >= verb.right) return {};
  return fail(ErrorKind::permission, "{}: needs the right '{}', this ticket has '{}'", verb.name,
              to_string(verb.right), to_string(held));
}

}  // namespace cassia::storage
