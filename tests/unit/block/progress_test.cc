// SPDX-License-Identifier: Apache-2.0
#include "storage/block/progress.h"

#include <gtest/gtest.h>

#include <future>

namespace cassia::storage {
namespace {

TEST(ProgressTest, CountsAndCancels) {
  Progress progress;
  EXPECT_EQ(progress.fraction(), 0.0);
  progress.set_total(200);
  ASSERT_TRUE(progress.advance(50));
  EXPECT_EQ(progress.fraction(), 0.25);
  progress.cancel();
  EXPECT_EQ(progress.advance(1).error().kind(), ErrorKind::canceled);
}

TEST(ProgressTest, PausedWorkGoesOnWhenResumedOrCanceled) {
  for (const bool cancel : {false, true}) {
    Progress progress;
    progress.pause();
    auto worker = std::async(std::launch::async, [&] { return progress.advance(1).has_value(); });
    cancel ? progress.cancel() : progress.resume();
    EXPECT_EQ(worker.get(), !cancel);
  }
}

}  // namespace
}  // namespace cassia::storage
