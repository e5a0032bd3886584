// SPDX-License-Identifier: Apache-2.0
#include "dial/choice.h"

#include <gmock/gmock.h>

#include <cstdlib>

namespace cassia::dial {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Choice, ListsOfChannelsUseCommasOrSemicolons) {
  EXPECT_THAT(channel_names("main,inputs"), ElementsAre("main", "inputs"));
  EXPECT_THAT(channel_names("main;;inputs;"), ElementsAre("main", "inputs"));
  EXPECT_THAT(channel_names(""), ElementsAre());
}

TEST(Choice, TheOptionCountsBeforeTheVariable) {
  ::unsetenv("SPICE_PROXY");
  EXPECT_FALSE(*choose_proxy(""));
  ::setenv("SPICE_PROXY", "http://elsewhere:3128", 1);
  ASSERT_TRUE(*choose_proxy(""));
  EXPECT_EQ((**choose_proxy("")).host, "elsewhere");
  EXPECT_EQ((**choose_proxy("http://here:3128")).host, "here");
  ::setenv("SPICE_PROXY", "nonsense://", 1);
  EXPECT_THAT(choose_proxy("").error().message(), HasSubstr("SPICE_PROXY"));
  EXPECT_THAT(choose_proxy("nonsense://").error().message(), HasSubstr("--proxy"));
  ::unsetenv("SPICE_PROXY");
}

}  // namespace
}  // namespace cassia::dial
