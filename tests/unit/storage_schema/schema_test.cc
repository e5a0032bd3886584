// SPDX-License-Identifier: Apache-2.0
#include "protocol/storage/schema.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "base/file.h"
#include "protocol/storage/describe.h"

namespace cassia::storage {
namespace {

TEST(StorageSchema, NamesAndCommandsAreUnique) {
  std::set<std::string_view> names;
  std::set<std::string_view> commands;
  for (const Verb& verb : verbs()) {
    EXPECT_TRUE(names.insert(verb.name).second) << verb.name;
    EXPECT_TRUE(commands.insert(verb.command).second) << verb.command;
    ASSERT_NE(verb.result, nullptr) << verb.name;
    EXPECT_FALSE(verb.summary.empty() || verb.summary.back() == '.') << verb.name;
    std::set<std::string_view> parameters;
    for (const Parameter& parameter : verb.parameters) {
      EXPECT_TRUE(parameters.insert(parameter.name).second) << verb.name << parameter.name;
      EXPECT_FALSE(parameter.doc.empty()) << verb.name << parameter.name;
      // An optional plain argument could only stand last.
      EXPECT_TRUE(parameter.required || !parameter.flag.empty() || verb.parameters.size() == 1);
    }
  }
}

TEST(StorageSchema, WhatChangesSomethingNeedsMoreThanView) {
  for (const Verb& verb : verbs()) {
    if (verb.danger != Danger::reads) {
      EXPECT_GT(verb.right, Right::view) << verb.name;
    }
  }
}

TEST(StorageSchema, UsageReadsLikeTheCommandLine) {
  EXPECT_EQ(usage(*find_verb("disk.list")), "list");
  EXPECT_EQ(usage(*find_verb("disk.snapshot.create")),
            "snapshot -c NAME DISK [--kind KIND] [--target TARGET]");
  EXPECT_EQ(usage(*find_verb("disk.convert")), "convert DISK TARGET [-O FORMAT] [-c]");
}

TEST(StorageSchema, DescribesItselfAsJson) {
  const nlohmann::json list = schema_as_json();
  ASSERT_EQ(list.size(), verbs().size());
  EXPECT_EQ(list[0]["name"], verbs()[0].name);
}

TEST(StorageSchema, ThePageIsUpToDate) {
  const auto bytes = read_file(CASSIA_SOURCE_DIR "/docs/storage-channel.md");
  ASSERT_TRUE(bytes);
  const auto fresh = refresh_page(as_text(*bytes));
  ASSERT_TRUE(fresh) << fresh.error().message();
  EXPECT_TRUE(*fresh == as_text(*bytes))
      << "run: build/dev/bin/storage_schema_doc docs/storage-channel.md";
}

}  // namespace
}  // namespace cassia::storage
