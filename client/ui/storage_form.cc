// SPDX-License-Identifier: Apache-2.0
#include "client/ui/storage_form.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "protocol/storage/check.h"

namespace cassia::client {
namespace {

std::vector<std::string> split_choices(std::string_view choices) {
  std::vector<std::string> parts;
  while (!choices.empty()) {
    const auto bar = choices.find('|');
    parts.emplace_back(choices.substr(0, bar));
    choices = bar == std::string_view::npos ? std::string_view{} : choices.substr(bar + 1);
  }
  return parts;
}

Result<nlohmann::json> integer_of(const FormField& field) {
  std::int64_t number = 0;
  const char* end = field.text.data() + field.text.size();
  const auto [at, error] = std::from_chars(field.text.data(), end, number);
  if (error != std::errc{} || at != end) {
    return fail(ErrorKind::invalid_argument, "{}: \"{}\" is not a number", field.parameter->name,
                field.text);
  }
  return nlohmann::json(number);
}

}  // namespace

StorageForm::StorageForm(const storage::Verb& verb) : verb_(&verb) {
  for (const storage::Parameter& parameter : verb.parameters) {
    FormField field;
    field.parameter = &parameter;
    field.choices = split_choices(parameter.choices);
    fields_.push_back(std::move(field));
  }
}

FormField* StorageForm::field(std::string_view name) {
  for (FormField& field : fields_) {
    if (field.parameter->name == name) return &field;
  }
  return nullptr;
}

void StorageForm::fix(std::string_view name, std::string value) {
  if (FormField* found = field(name)) {
    found->text = std::move(value);
    found->fixed = true;
  }
}

Result<nlohmann::json> StorageForm::params() const {
  nlohmann::json params = nlohmann::json::object();
  for (const FormField& field : fields_) {
    const std::string name(field.parameter->name);
    switch (field.parameter->type) {
      case storage::ValueType::boolean:
        if (field.flag) params[name] = true;
        break;
      case storage::ValueType::integer:
        if (!field.text.empty()) params[name] = CASSIA_TRY(integer_of(field));
        break;
      case storage::ValueType::text:
        if (!field.text.empty()) params[name] = field.text;
        break;
    }
  }
  CASSIA_TRY(storage::check_params(*verb_, params));
  return params;
}

}  // namespace cassia::client
