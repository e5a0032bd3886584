// SPDX-License-Identifier: Apache-2.0
#include "protocol/registry/headers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cassia::registry {
namespace {

using testing::ElementsAre;

TEST(HeaderScan, ListsEnumeratorsAndNothingElse) {
  const char* header = R"(
#define A_MACRO 1
/* enum { IN_A_COMMENT } */
typedef enum Kind { FIRST = 1, SECOND, /* with, a comma */ THIRD = (1 << 3), } Kind;
struct enumerated { int field; };
enum Forward;
enum { LAST // here }
};
)";
  EXPECT_THAT(enumerators(header), ElementsAre("FIRST", "SECOND", "THIRD", "LAST"));
}

TEST(HeaderScan, SurvivesAHeaderThatEndsInTheMiddle) {
  EXPECT_THAT(enumerators("enum { A, B"), ElementsAre());
  EXPECT_THAT(enumerators("enum { A } /* no end"), ElementsAre("A"));
  EXPECT_THAT(enumerators("enum"), ElementsAre());
}

TEST(HeaderScan, APatternIsAPrefixOnlyWithItsUnderscore) {
  EXPECT_TRUE(needs_row("SPICE_MSG_MAIN_INIT", {"SPICE_MSG_MAIN_"}));
  EXPECT_TRUE(needs_row("SPICE_MSG_MAIN_MIGRATE_END", {"SPICE_MSG_MAIN_"}));
  EXPECT_FALSE(needs_row("SPICE_MSG_END_MAIN", {"SPICE_MSG_"}));
  EXPECT_TRUE(needs_row("VD_AGENT_CLIPBOARD", {"VD_AGENT_CLIPBOARD"}));
  EXPECT_FALSE(needs_row("VD_AGENT_CLIPBOARD_NONE", {"VD_AGENT_CLIPBOARD"}));
}

}  // namespace
}  // namespace cassia::registry
