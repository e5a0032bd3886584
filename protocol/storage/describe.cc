// SPDX-License-Identifier: Apache-2.0
#include "protocol/storage/describe.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

namespace cassia::storage {
namespace {

using nlohmann::json;

constexpr std::string_view begin_marker =
    "<!-- schema: begin (written by storage_schema_doc) -->\n";
constexpr std::string_view end_marker = "<!-- schema: end -->\n";

std::string upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return result;
}

// A '|' would end the cell of a Markdown table.
std::string cell(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '|') result += '\\';
    result += c;
  }
  return result;
}

std::string result_name(const Verb& verb) {
  return fmt::format("{}{}", verb.list ? "list of " : "", verb.result->name);
}

std::string verb_table() {
  std::string out = "| verb | what it does | right | | answer |\n|---|---|---|---|---|\n";
  for (const Verb& verb : verbs()) {
    out += fmt::format("| `{}` | {} | {} | {} | {} |\n", verb.name, cell(verb.summary),
                       to_string(verb.right), to_string(verb.danger), result_name(verb));
  }
  return out;
}

std::string parameter_tables() {
  std::string out;
  for (const Verb& verb : verbs()) {
    out += fmt::format("\n### {}\n\n{}. On the command line: `cassia-disk --connect URI {}`\n",
                       verb.name, verb.summary, usage(verb));
    if (verb.parameters.empty()) continue;
    out += "\n| parameter | type | required | absent means | |\n|---|---|---|---|---|\n";
    for (const Parameter& parameter : verb.parameters) {
      out += fmt::format("| `{}` | {} | {} | {} | {} |\n", parameter.name,
                         parameter.choices.empty() ? std::string(to_string(parameter.type))
                                                   : cell(parameter.choices),
                         parameter.required ? "yes" : "no", cell(parameter.fallback),
                         cell(parameter.doc));
    }
  }
  return out;
}

std::string record_tables() {
  std::string out;
  for (const Record* record : records()) {
    out += fmt::format("\n### Record {}\n\n| member | type | |\n|---|---|---|\n", record->name);
    for (const Field& field : record->fields) {
      out +=
          fmt::format("| `{}` | {} | {} |\n", field.name, to_string(field.type), cell(field.doc));
    }
  }
  return out;
}

}  // namespace

std::string usage(const Verb& verb) {
  std::string out(verb.command.substr(0, verb.command.find(' ')));
  for (const bool required : {true, false}) {
    for (const Parameter& parameter : verb.parameters) {
      if (parameter.required != required) continue;
      std::string part(parameter.flag);
      if (parameter.type != ValueType::boolean) {
        part += (part.empty() ? "" : " ") + upper(parameter.name);
      }
      out += required ? " " + part : " [" + part + "]";
    }
  }
  return out;
}

std::string schema_as_markdown() {
  return "## Verbs\n\n" + verb_table() + parameter_tables() + "\n## Records\n" + record_tables() +
         "\n";
}

json schema_as_json() {
  json list = json::array();
  for (const Verb& verb : verbs()) {
    json parameters = json::array();
    for (const Parameter& parameter : verb.parameters) {
      parameters.push_back({{"name", parameter.name},
                            {"type", to_string(parameter.type)},
                            {"required", parameter.required},
                            {"choices", parameter.choices},
                            {"fallback", parameter.fallback},
                            {"doc", parameter.doc}});
    }
    list.push_back({{"name", verb.name},
                    {"summary", verb.summary},
                    {"right", to_string(verb.right)},
                    {"danger", to_string(verb.danger)},
                    {"parameters", std::move(parameters)},
                    {"result", verb.result->name},
                    {"list", verb.list}});
  }
  return list;
}

Result<std::string> refresh_page(std::string_view page) {
  const std::size_t begin = page.find(begin_marker);
  const std::size_t end = page.find(end_marker);
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) {
    return fail(ErrorKind::invalid_argument, "the page has no schema markers");
  }
  return std::string(page.substr(0, begin + begin_marker.size())) + schema_as_markdown() +
         std::string(page.substr(end));
}

}  // namespace cassia::storage
