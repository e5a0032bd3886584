// SPDX-License-Identifier: Apache-2.0
#include "storage/block/file_lock.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "storage/block/file_device.h"
#include "tests/support/temporary_folder.h"

namespace cassia::storage {
namespace {

// Which of two openers (even in one process: the locks belong to the open file) may come second.
struct Case {
  LockMode first;
  LockMode second;
  bool allowed;
};

class LockTest : public ::testing::TestWithParam<Case> {};

TEST_P(LockTest, SecondOpenerIsLetInOrRefused) {
  const test::TemporaryFolder folder;
  const auto path = folder / "disk";
  ASSERT_TRUE(write_file_atomically(path, Bytes(512)));
  const auto first = FileDevice::open(path, {.writable = true, .lock = GetParam().first});
  ASSERT_TRUE(first) << first.error().message();
  const auto second = FileDevice::open(path, {.writable = true, .lock = GetParam().second});
  ASSERT_EQ(second.has_value(), GetParam().allowed);
  if (GetParam().allowed) return;
  EXPECT_EQ(second.error().kind(), ErrorKind::busy);
  EXPECT_NE(second.error().message().find("in use by another process"), std::string::npos);
  EXPECT_NE(second.error().message().find(std::to_string(::getpid())), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Modes, LockTest,
                         ::testing::Values(Case{LockMode::write, LockMode::write, false},
                                           Case{LockMode::write, LockMode::stable_read, false},
                                           Case{LockMode::write, LockMode::shared_read, true},
                                           Case{LockMode::write, LockMode::none, true},
                                           Case{LockMode::stable_read, LockMode::write, false},
                                           Case{LockMode::stable_read, LockMode::stable_read, true},
                                           Case{LockMode::shared_read, LockMode::write, true},
                                           Case{LockMode::none, LockMode::write, true}));

TEST(LockTest, ClosingReleases) {
  const test::TemporaryFolder folder;
  const auto path = folder / "disk";
  ASSERT_TRUE(write_file_atomically(path, Bytes(512)));
  { ASSERT_TRUE(FileDevice::open(path, {.writable = true, .lock = LockMode::write})); }
  EXPECT_TRUE(FileDevice::open(path, {.writable = true, .lock = LockMode::write}));
}

}  // namespace
}  // namespace cassia::storage
