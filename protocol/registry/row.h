// SPDX-License-Identifier: Apache-2.0
#pragma once

// What Cassia does with every message and capability of SPICE, in both roles, as data. The tables
// of docs/protocol.md are made from it (spice_registry_doc), and tests/unit/registry holds it
// against the spice-protocol headers, the sources and the tests: a symbol of the headers without a
// row, a file that does not name the symbol, or a test that does not exist fails.

#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

namespace cassia::registry {

enum class State {
  done,     ///< carried out (a message that comes in), sent, or offered (a capability)
  parsed,   ///< checked and then dropped, for a reason
  ignored,  ///< dropped without a look, for a reason
  refused,  ///< ends the connection, for a reason
  never,    ///< not sent, or not offered, for a reason
  pending,  ///< not built yet
};

/// One role's side of a row. `where` is a source file from the top of the tree that names the
/// symbol; `tests` are GoogleTest names ("MainTest.EveryMessageArrives") or ctest programs.
struct Role {
  State state = State::never;
  std::string_view where;
  std::vector<std::string_view> tests;
  std::string_view reason;
};

inline Role done(std::string_view where, std::initializer_list<std::string_view> tests,
                 std::string_view remark = {}) {
  return {State::done, where, tests, remark};
}
inline Role parsed(std::string_view reason, std::string_view where = {},
                   std::initializer_list<std::string_view> tests = {}) {
  return {State::parsed, where, tests, reason};
}
inline Role ignored(std::string_view reason) { return {State::ignored, {}, {}, reason}; }
inline Role refused(std::string_view reason, std::string_view where = {},
                    std::initializer_list<std::string_view> tests = {}) {
  return {State::refused, where, tests, reason};
}
inline Role never(std::string_view reason) { return {State::never, {}, {}, reason}; }
inline Role pending() { return {State::pending, {}, {}, {}}; }

/// `symbol` is the enumerator's name in the header.
struct Row {
  std::string_view symbol;
  Role client;
  Role server;
};

/// A table of the page. `patterns` name the header's symbols that must have a row here: those that
/// begin so if the pattern ends in "_", else the one of that name.
struct Table {
  std::string_view title;
  std::string_view remark;
  std::vector<std::string_view> patterns;
  std::vector<Row> rows;
};

Table base_table();
Table main_table();
Table display_table();
Table cursor_table();
Table inputs_table();
Table playback_table();
Table record_table();
Table spicevmc_table();  ///< usbredir, webdav and the data of ports
Table port_table();
Table smartcard_table();
Table link_table();  ///< common capabilities and link errors
Table agent_table();

/// All of them, in the order of the page.
std::vector<Table> tables();

}  // namespace cassia::registry
