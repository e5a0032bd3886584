// SPDX-License-Identifier: Apache-2.0
// The registry against what it speaks of: the headers, the sources, the tests, the page.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "base/file.h"
#include "protocol/registry/headers.h"
#include "protocol/registry/page.h"
#include "protocol/registry/row.h"

namespace cassia::registry {
namespace {

namespace fs = std::filesystem;

const fs::path top = CASSIA_SOURCE_DIR;

std::string text_of(const fs::path& path) {
  const auto bytes = read_file(path);
  return bytes ? std::string(as_text(*bytes)) : std::string();
}

bool is_source(const fs::path& path) {
  return path.extension() == ".cc" || path.extension() == ".h" || path.extension() == ".c";
}

/// "Suite.Name" of every TEST, TEST_F and TEST_P below tests/.
std::set<std::string> tests_of_the_tree() {
  static const std::regex test(R"(TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\))");
  std::set<std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(top / "tests")) {
    if (!is_source(entry.path())) continue;
    const std::string text = text_of(entry.path());
    for (std::sregex_iterator it(text.begin(), text.end(), test), end; it != end; ++it) {
      out.insert((*it)[1].str() + "." + (*it)[2].str());
    }
  }
  return out;
}

/// True if `text` names `symbol` as a whole word.
bool names(const std::string& text, std::string_view symbol) {
  const auto of_a_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
  };
  for (std::size_t at = text.find(symbol); at != std::string::npos;
       at = text.find(symbol, at + 1)) {
    const std::size_t end = at + symbol.size();
    if ((at == 0 || !of_a_word(text[at - 1])) && (end == text.size() || !of_a_word(text[end]))) {
      return true;
    }
  }
  return false;
}

template <class Check>
void for_each_role(Check&& check) {
  for (const Table& table : tables()) {
    for (const Row& row : table.rows) {
      check(row.symbol, "client", row.client);
      check(row.symbol, "server", row.server);
    }
  }
}

TEST(Registry, HasARowForEverySymbolOfTheHeadersAndNoOther) {
  const auto symbols = protocol_symbols(SPICE_INCLUDE_DIR);
  ASSERT_TRUE(symbols) << symbols.error().message();
  ASSERT_GT(symbols->size(), 400u);
  std::set<std::string_view> covered;
  for (const Table& table : tables()) {
    std::set<std::string_view> rows;
    for (const Row& row : table.rows) {
      EXPECT_TRUE(rows.insert(row.symbol).second) << row.symbol << " has two rows";
      EXPECT_NE(std::find(symbols->begin(), symbols->end(), row.symbol), symbols->end())
          << row.symbol << " is not in the headers";
    }
    for (const std::string& symbol : *symbols) {
      if (!needs_row(symbol, table.patterns)) continue;
      EXPECT_EQ(rows.count(symbol), 1u) << symbol << " has no row in \"" << table.title << "\"";
    }
    covered.insert(rows.begin(), rows.end());
  }
  for (const std::string& symbol : *symbols) {
    if (!needs_row(symbol, {"SPICE_MSG_", "SPICE_MSGC_"}) &&
        symbol.find("_CAP_") == std::string::npos) {
      continue;
    }
    if (symbol == "SPICE_MSG_BASE_LAST" || symbol.find("_END_") != std::string::npos) continue;
    EXPECT_EQ(covered.count(symbol), 1u) << symbol << " stands in no table";
  }
}

TEST(Registry, TheFileOfARowNamesItsSymbol) {
  std::map<std::string_view, std::string> texts;
  for_each_role([&](std::string_view symbol, const char* role, const Role& side) {
    if (side.where.empty()) {
      EXPECT_NE(side.state, State::done) << symbol << ", " << role << ": done, but where?";
      return;
    }
    if (texts.count(side.where) == 0) texts[side.where] = text_of(top / side.where);
    EXPECT_TRUE(names(texts[side.where], symbol))
        << symbol << ", " << role << ": " << side.where << " does not name it";
  });
}

TEST(Registry, TheTestsOfARowExist) {
  const std::set<std::string> tests = tests_of_the_tree();
  ASSERT_GT(tests.size(), 300u);
  for_each_role([&](std::string_view symbol, const char* role, const Role& side) {
    if (side.state == State::done) {
      EXPECT_FALSE(side.tests.empty()) << symbol << ", " << role << ": done without a test";
    }
    for (const std::string_view test : side.tests) {
      EXPECT_EQ(tests.count(std::string(test)), 1u)
          << symbol << ", " << role << ": there is no test " << test;
    }
  });
}

TEST(Registry, WhatIsNotDoneHasAReason) {
  for_each_role([](std::string_view symbol, const char* role, const Role& side) {
    if (side.state == State::done || side.state == State::pending) return;
    EXPECT_GE(side.reason.size(), 12u) << symbol << ", " << role << ": no reason is given";
  });
}

TEST(Registry, ThePageIsUpToDate) {
  const std::string page = text_of(top / "docs/protocol.md");
  const auto fresh = refresh_page(page);
  ASSERT_TRUE(fresh) << fresh.error().message();
  EXPECT_EQ(page, *fresh) << "run spice_registry_doc docs/protocol.md";
}

}  // namespace
}  // namespace cassia::registry
