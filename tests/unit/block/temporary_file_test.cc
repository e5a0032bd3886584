// SPDX-License-Identifier: Apache-2.0
#include "storage/block/temporary_file.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"

namespace cassia::storage {
namespace {

namespace fs = std::filesystem;

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(TemporaryFileTest, AppearsWholeOnCommit) {
  const test::TemporaryFolder folder;
  const auto target = folder / "out";
  ASSERT_TRUE(write_file_atomically(target, as_bytes("old")));
  auto file = TemporaryFile::create(target);
  ASSERT_TRUE(file) << file.error().message();
  ASSERT_TRUE(file->device()->write(0, as_bytes("new content")));
  EXPECT_EQ(as_text(*read_file(target)), "old");
  ASSERT_TRUE(file->commit());
  EXPECT_EQ(as_text(*read_file(target)), "new content");
  EXPECT_EQ(entries(folder.path()), 1u);
}

TEST(TemporaryFileTest, LeavesNothingWithoutCommit) {
  const test::TemporaryFolder folder;
  {
    auto file = TemporaryFile::create(folder / "out");
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->device()->write(0, as_bytes("half")));
  }
  EXPECT_EQ(entries(folder.path()), 0u);
}

TEST(TemporaryFileTest, FollowsALinkAndKeepsIt) {
  const test::TemporaryFolder folder;
  ASSERT_TRUE(write_file_atomically(folder / "real", as_bytes("old")));
  fs::create_symlink("real", folder / "link");
  auto file = TemporaryFile::create(folder / "link");
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->device()->write(0, as_bytes("new")));
  ASSERT_TRUE(file->commit());
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(as_text(*read_file(folder / "real")), "new");
}

TEST(TemporaryFileTest, RefusesATargetInUse) {
  const test::TemporaryFolder folder;
  const auto target = folder / "out";
  ASSERT_TRUE(write_file_atomically(target, as_bytes("old")));
  const auto user = FileDevice::open(target, {.writable = true, .lock = LockMode::write});
  ASSERT_TRUE(user);
  const auto file = TemporaryFile::create(target);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().kind(), ErrorKind::busy);
}

TEST(TemporaryFileTest, KeepsAFileThatCameMeanwhile) {
  const test::TemporaryFolder folder;
  const auto target = folder / "out";
  auto file = TemporaryFile::create(target);
  ASSERT_TRUE(file);
  EXPECT_FALSE(file->replaces());
  ASSERT_TRUE(write_file_atomically(target, as_bytes("of another")));
  const auto done = file->commit();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind(), ErrorKind::exists);
  EXPECT_EQ(as_text(*read_file(target)), "of another");
}

TEST(TemporaryFileTest, MissingFolderIsNamed) {
  const auto file = TemporaryFile::create("/nonexistent-folder/out");
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().message().find("/nonexistent-folder/out"), std::string::npos);
}

}  // namespace
}  // namespace cassia::storage
