// SPDX-License-Identifier: Apache-2.0
#pragma once

// One verb of the storage channel while a person fills in its parameters. Fields, choices and
// checks come from the schema (protocol/storage/schema.h): a new verb needs no new form.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "protocol/storage/schema.h"

namespace cassia::client {

struct FormField {
  const storage::Parameter* parameter = nullptr;
  std::vector<std::string> choices;  ///< empty: any text
  std::string text;                  ///< what was typed or chosen; empty: the parameter is left out
  bool flag = false;                 ///< for booleans
  bool fixed = false;                ///< given by the panel (the disk that is selected)
};

class StorageForm {
 public:
  explicit StorageForm(const storage::Verb& verb);

  const storage::Verb& verb() const { return *verb_; }
  std::vector<FormField>& fields() { return fields_; }
  /// Sets a field and takes it out of the person's hands. Unknown names are ignored.
  void fix(std::string_view name, std::string value);
  FormField* field(std::string_view name);

  /// The parameters as the verb takes them, or what is wrong with them.
  Result<nlohmann::json> params() const;

 private:
  const storage::Verb* verb_;
  std::vector<FormField> fields_;
};

}  // namespace cassia::client
