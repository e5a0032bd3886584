// SPDX-License-Identifier: Apache-2.0
#include "channels/display/client_cache_model.h"

#include <gtest/gtest.h>

namespace cassia::channels {
namespace {

TEST(ClientCacheModelTest, KeepsToTheBudgetAndEvictsTheLeastRecentlyUsed) {
  ClientCacheModel model;
  model.set_budget(100);
  model.begin_draw();
  const auto a = model.add(1, 40);
  model.begin_draw();
  const auto b = model.add(2, 40);
  ASSERT_TRUE(a && b);
  EXPECT_NE(*a, *b);
  model.begin_draw();
  EXPECT_EQ(model.find(1)->number, *a);  // now 2 is the oldest
  model.begin_draw();
  EXPECT_TRUE(model.add(3, 40));
  EXPECT_EQ(model.take_evicted(), std::vector<std::uint64_t>{*b});
  EXPECT_TRUE(model.take_evicted().empty());
  EXPECT_FALSE(model.find(2));
  EXPECT_EQ(model.find(1)->number, *a);
}

TEST(ClientCacheModelTest, ADrawDoesNotEvictWhatItUses) {
  ClientCacheModel model;
  model.set_budget(100);
  model.begin_draw();
  model.add(1, 60);
  model.begin_draw();
  EXPECT_TRUE(model.find(1));
  EXPECT_FALSE(model.add(2, 60));
  EXPECT_TRUE(model.take_evicted().empty());
  model.begin_draw();
  EXPECT_TRUE(model.add(2, 60));
}

TEST(ClientCacheModelTest, AnImageThatThisDrawAddsIsNotReferredToYet) {
  ClientCacheModel model;
  model.set_budget(100);
  model.begin_draw();
  EXPECT_TRUE(model.add(1, 10));
  EXPECT_FALSE(model.find(1));
  EXPECT_FALSE(model.add(1, 10));
  model.abandon_draw();  // it was not sent after all
  model.begin_draw();
  EXPECT_FALSE(model.find(1));
  EXPECT_EQ(model.size(), 0u);
}

TEST(ClientCacheModelTest, NoBudgetNoCache) {
  ClientCacheModel model;
  model.begin_draw();
  EXPECT_FALSE(model.add(1, 1));
  model.set_budget(10);
  EXPECT_FALSE(model.add(1, 11));
}

}  // namespace
}  // namespace cassia::channels
