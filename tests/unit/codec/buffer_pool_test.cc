// SPDX-License-Identifier: Apache-2.0
#include "render/codec/buffer_pool.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace cassia::codec {
namespace {

constexpr std::size_t large = 100'000;

bool all(const SharedBytes& bytes, std::uint8_t value) {
  return std::all_of(bytes.view().begin(), bytes.view().end(),
                     [value](std::uint8_t byte) { return byte == value; });
}

TEST(BufferPool, ACopyTakesTheMemoryOfOneThatIsGone) {
  const auto pool = BufferPool::create(2 * large);
  SharedBytes first = pool->copy(Bytes(large, 1));
  const std::uint8_t* const memory = first.data();
  EXPECT_TRUE(all(first, 1));
  first = {};
  EXPECT_EQ(pool->kept_bytes(), large);
  const SharedBytes second = pool->copy(Bytes(large - 10, 2));
  EXPECT_EQ(second.data(), memory);
  EXPECT_EQ(second.size(), large - 10);
  EXPECT_TRUE(all(second, 2));
  EXPECT_EQ(pool->kept_bytes(), 0u);
}

TEST(BufferPool, ACopyLivesAsLongAsItsLastSlice) {
  const auto pool = BufferPool::create(2 * large);
  SharedBytes slice;
  {
    const SharedBytes whole = pool->copy(Bytes(large, 3));
    slice = whole.slice(10, 20);
  }
  EXPECT_EQ(pool->kept_bytes(), 0u);
  EXPECT_TRUE(all(slice, 3));
  slice = {};
  EXPECT_EQ(pool->kept_bytes(), large);
}

TEST(BufferPool, KeepsNoMoreThanItMayAndNothingSmall) {
  const auto pool = BufferPool::create(2 * large);
  {
    const SharedBytes a = pool->copy(Bytes(large)), b = pool->copy(Bytes(large)),
                      c = pool->copy(Bytes(large)), small = pool->copy(Bytes(10, 4));
    EXPECT_TRUE(all(small, 4));
  }
  EXPECT_EQ(pool->kept_bytes(), 2 * large);
}

TEST(BufferPool, CopiesOutliveThePool) {
  auto pool = BufferPool::create(large);
  const SharedBytes bytes = pool->copy(Bytes(large, 5));
  pool.reset();
  EXPECT_TRUE(all(bytes, 5));
}

}  // namespace
}  // namespace cassia::codec
