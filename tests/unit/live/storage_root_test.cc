// SPDX-License-Identifier: Apache-2.0
#include "storage/live/storage_root.h"

#include "tests/unit/live/live_fixture.h"

namespace cassia::storage {
namespace {

namespace fs = std::filesystem;

class StorageRootTest : public LiveTest {
 protected:
  void SetUp() override {
    LiveTest::SetUp();
    root_.emplace(StorageRoot::open(folder_ / "root").value());
    touch(folder_ / "outside");
    fs::create_directories(in_root("sub/deep"));
    touch(in_root("a"));
    touch(in_root("sub/b"));
    touch(in_root("sub/.hidden"));
    fs::create_symlink("../outside", in_root("up"));
    fs::create_symlink(folder_ / "outside", in_root("absolute"));
    fs::create_symlink("sub/b", in_root("inside"));
    fs::create_directory_symlink("..", in_root("parent"));
  }
  static void touch(const fs::path& path) {
    ASSERT_TRUE(write_file_atomically(path, as_bytes("x")));
  }
  ErrorKind kind_of_existing(const std::string& name) {
    return root_->existing(name).error().kind();
  }
  ErrorKind kind_of_fresh(const std::string& name) { return root_->fresh(name).error().kind(); }

  std::optional<StorageRoot> root_;
};

TEST_F(StorageRootTest, ResolvesBeneath) {
  EXPECT_EQ(root_->existing("a").value(), root_->path() / "a");
  EXPECT_EQ(root_->existing("sub/../a").value(), root_->path() / "a");
  EXPECT_EQ(root_->existing("inside").value(), root_->path() / "sub/b");
  EXPECT_EQ(root_->relative(root_->path() / "sub/b"), "sub/b");
  EXPECT_EQ(root_->relative(folder_ / "outside"), "");
  EXPECT_EQ(root_->relative("relative"), "");
  EXPECT_EQ(root_->relative(root_->path()), "");
}

TEST_F(StorageRootTest, NothingLeadsOut) {
  for (const char* name :
       {"../outside", "up", "absolute", "parent/outside", "sub/../../outside", "/etc/passwd"}) {
    EXPECT_EQ(kind_of_existing(name), ErrorKind::permission) << name;
  }
  EXPECT_EQ(kind_of_existing("none"), ErrorKind::not_found);
  EXPECT_EQ(kind_of_existing("sub"), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of_existing("."), ErrorKind::invalid_argument);
}

TEST_F(StorageRootTest, FreshNamesAreFresh) {
  EXPECT_EQ(root_->fresh("new").value(), root_->path() / "new");
  EXPECT_EQ(root_->fresh("sub/deep/new").value(), root_->path() / "sub/deep/new");
  EXPECT_EQ(kind_of_fresh("a"), ErrorKind::exists);
  EXPECT_EQ(kind_of_fresh("up"), ErrorKind::exists);
  EXPECT_EQ(kind_of_fresh("none/new"), ErrorKind::not_found);
  EXPECT_EQ(kind_of_fresh("parent/new"), ErrorKind::permission);
  EXPECT_EQ(kind_of_fresh("../new"), ErrorKind::permission);
  EXPECT_EQ(kind_of_fresh("/tmp/new"), ErrorKind::permission);
  EXPECT_EQ(kind_of_fresh(".new"), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of_fresh("sub/.."), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of_fresh(std::string(201, 'n')), ErrorKind::invalid_argument);
}

TEST_F(StorageRootTest, ListsFilesOnce) {
  EXPECT_EQ(root_->files("").value(), (std::vector<std::string>{"a", "sub/b"}));
  EXPECT_EQ(root_->files("sub").value(), (std::vector<std::string>{"sub/b"}));
  EXPECT_EQ(root_->files("parent").error().kind(), ErrorKind::permission);
  EXPECT_EQ(root_->files("", 1)->size(), 1u);
}

TEST_F(StorageRootTest, PublishNeverReplaces) {
  touch(in_root(".tmp"));
  EXPECT_EQ(publish(in_root(".tmp"), in_root("a")).error().kind(), ErrorKind::exists);
  EXPECT_TRUE(fs::exists(in_root(".tmp")));
  EXPECT_TRUE(publish(in_root(".tmp"), in_root("done")));
  EXPECT_FALSE(fs::exists(in_root(".tmp")));
  EXPECT_TRUE(fs::exists(in_root("done")));
}

TEST(StorageRoot, MustBeAFolder) { EXPECT_FALSE(StorageRoot::open("/etc/passwd")); }

}  // namespace
}  // namespace cassia::storage
