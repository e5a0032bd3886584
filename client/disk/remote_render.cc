// SPDX-License-Identifier: Apache-2.0
#include "client/disk/remote_render.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "client/disk/console.h"
#include "protocol/json/json_text.h"

namespace cassia::client {
namespace {

using nlohmann::json;
using storage::Field;

// What a gateway sends goes to a terminal: control characters in it must not.
std::string printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 32 || c == 127) c = '?';
  }
  return text;
}

std::string cell(const Field& field, const json& record) {
  const json& value = member(record, field.name);
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_number_integer()) {
    const auto number = value.get<std::int64_t>();
    return field.bytes && number >= 0 ? human_size(static_cast<std::uint64_t>(number))
                                      : std::to_string(number);
  }
  return value.is_string() ? printable(value.get<std::string>()) : std::string();
}

std::vector<const Field*> titled(const storage::Record& record) {
  std::vector<const Field*> fields;
  for (const Field& field : record.fields) {
    if (!field.title.empty()) fields.push_back(&field);
  }
  return fields;
}

std::string line_of(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    line += cells[i];
    if (i + 1 < cells.size()) line.append(widths[i] - cells[i].size() + 2, ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string table(const std::vector<const Field*>& fields, const json& list) {
  std::vector<std::vector<std::string>> rows(1);
  for (const Field* field : fields) rows[0].emplace_back(field->title);
  for (const json& record : list) {
    auto& row = rows.emplace_back();
    for (const Field* field : fields) row.push_back(cell(*field, record));
  }
  std::vector<std::size_t> widths(fields.size(), 0);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) text += line_of(row, widths);
  return text;
}

std::string lines(const std::vector<const Field*>& fields, const json& record) {
  std::string text;
  for (const Field* field : fields) {
    const std::string value = cell(*field, record);
    if (!value.empty()) text += fmt::format("{}: {}\n", field->title, value);
  }
  return text;
}

}  // namespace

std::string render_answer(const storage::Verb& verb, const json& answer) {
  const auto fields = titled(*verb.result);
  return answer.is_array() ? table(fields, answer) : lines(fields, answer);
}

}  // namespace cassia::client
