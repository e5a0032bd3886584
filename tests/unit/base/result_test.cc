// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>

namespace cassia {
namespace {

Result<std::unique_ptr<int>> positive(int n) {
  if (n <= 0) return fail(ErrorKind::invalid_argument, "{} is not positive", n);
  return std::make_unique<int>(n);
}

Result<int> doubled(int n) {
  auto value = CASSIA_TRY(positive(n));  // move-only values pass through
  return *value * 2;
}

TEST(Result, TryReturnsTheValue) { EXPECT_EQ(doubled(21).value(), 42); }

TEST(Result, TryReturnsTheError) {
  const auto result = doubled(-1);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind(), ErrorKind::invalid_argument);
  EXPECT_EQ(result.error().message(), "-1 is not positive");
  EXPECT_EQ(result.error().in("disk a").message(), "disk a: -1 is not positive");
}

TEST(Result, ErrnoBecomesAKind) {
  EXPECT_EQ(errno_error(ENOENT, "x").kind(), ErrorKind::not_found);
  EXPECT_EQ(errno_error(ENOSPC, "x").kind(), ErrorKind::no_space);
  EXPECT_EQ(errno_error(EIO, "disk.img").message(), "disk.img: Input/output error");
}

}  // namespace
}  // namespace cassia
