// SPDX-License-Identifier: Apache-2.0
#include "base/problem_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace cassia {
namespace {

using ::testing::HasSubstr;
using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

auto lines_of(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

TEST(ProblemLogTest, TellsWhatHappensNowAndThen) {
  ManualClock clock;
  ProblemLog log("display", clock);
  CaptureStderr();
  for (int i = 0; i < 100; ++i) {
    log.report("surface 7 does not exist");
    clock.advance(std::chrono::seconds(1));
  }
  const std::string text = GetCapturedStderr();
  EXPECT_EQ(lines_of(text), 100);
  EXPECT_THAT(text, HasSubstr(" error display: surface 7 does not exist\n"));
}

TEST(ProblemLogTest, CountsAFloodAndThenTellsAgain) {
  ManualClock clock;
  CaptureStderr();
  {
    ProblemLog log("display", clock);
    for (int i = 0; i < 100000; ++i) log.report("no");
    clock.advance(ProblemLog::window);
    log.report("again");
    for (int i = 0; i < 20; ++i) log.report("no");
  }
  const std::string text = GetCapturedStderr();
  EXPECT_EQ(lines_of(text), 16 + 1 + 1 + 16 + 1 + 1);
  EXPECT_THAT(text, HasSubstr("99984 more problems were not told\n"));
  EXPECT_THAT(text, HasSubstr(": again\n"));
  EXPECT_THAT(text, HasSubstr(": 5 more problems were not told\n"));
}

}  // namespace
}  // namespace cassia
