// SPDX-License-Identifier: Apache-2.0
#include "protocol/registry/page.h"

#include "protocol/registry/row.h"

namespace cassia::registry {
namespace {

constexpr std::string_view begin_marker = "<!-- made by spice_registry_doc: begin -->\n";
constexpr std::string_view end_marker = "<!-- made by spice_registry_doc: end -->";

std::string_view word(State state) {
  switch (state) {
    case State::done:
      return "yes";
    case State::parsed:
      return "parsed";
    case State::ignored:
      return "ignored";
    case State::refused:
      return "refused";
    case State::never:
      return "never";
    case State::pending:
      return "not yet";
  }
  return "";
}

/// "yes; remark<br>`where`<br>tests".
std::string cell(const Role& role) {
  std::string out(word(role.state));
  if (!role.reason.empty()) out += ": " + std::string(role.reason);
  if (!role.where.empty()) out += "<br>`" + std::string(role.where) + "`";
  for (std::size_t i = 0; i < role.tests.size(); ++i) {
    out += (i == 0 ? "<br>" : ", ") + std::string(role.tests[i]);
  }
  return out;
}

std::string as_markdown(const Table& table) {
  std::string out = "## " + std::string(table.title) + "\n\n";
  if (!table.remark.empty()) out += std::string(table.remark) + "\n\n";
  out += "| symbol | client | server |\n|---|---|---|\n";
  for (const Row& row : table.rows) {
    out += "| " + std::string(row.symbol) + " | " + cell(row.client) + " | " + cell(row.server) +
           " |\n";
  }
  return out + "\n";
}

}  // namespace

std::string as_markdown() {
  std::string out;
  for (const Table& table : tables()) out += as_markdown(table);
  return out;
}

Result<std::string> refresh_page(std::string_view page) {
  const std::size_t begin = page.find(begin_marker);
  const std::size_t end = page.find(end_marker);
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) {
    return fail(ErrorKind::invalid_argument, "the page has not the two spice_registry_doc markers");
  }
  return std::string(page.substr(0, begin + begin_marker.size())) + as_markdown() +
         std::string(page.substr(end));
}

}  // namespace cassia::registry
