// SPDX-License-Identifier: Apache-2.0
#include "storage/format/open.h"

#include <gtest/gtest.h>

#include "storage/block/memory_device.h"
#include "tests/support/temporary_folder.h"

namespace cassia::storage {
namespace {

class OpenTest : public ::testing::Test {
 protected:
  void make(const char* name, const std::string& backing, const std::string& format = "qcow2") {
    auto file = std::make_shared<MemoryDevice>();
    CreateSpec spec;
    spec.size = 1 << 20;
    spec.backing_file = backing;
    spec.backing_format = backing.empty() ? "" : format;
    ASSERT_TRUE((*formats_.find("qcow2"))->create(file, spec));
    ASSERT_TRUE(write_file_atomically(folder_ / name, file->content()));
  }
  Result<OpenedImage> open(const char* name, const ReferencePolicy& policy) {
    OpenSpec spec;
    spec.path = folder_ / name;
    return open_image({formats_, policy}, spec);
  }

  FormatRegistry formats_ = FormatRegistry::standard();
  FollowAll all_;
  test::TemporaryFolder folder_;
};

TEST_F(OpenTest, LoopIsRefused) {
  make("a", "b");
  make("b", "a");
  const auto opened = open("a", all_);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message().find("loops"), std::string::npos);
}

TEST_F(OpenTest, MissingBackingIsNamed) {
  make("a", "nowhere");
  const auto opened = open("a", all_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind(), ErrorKind::not_found);
  EXPECT_NE(opened.error().message().find("nowhere"), std::string::npos);
}

TEST_F(OpenTest, PoliciesKeepReferencesIn) {
  make("below", "");
  make("a", "below");
  make("evil", "/etc/passwd", "raw");
  EXPECT_TRUE(open("a", all_));
  const auto none = open("a", FollowNone());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind(), ErrorKind::permission);
  const FollowInside inside(folder_.path());
  EXPECT_TRUE(open("a", inside));
  const auto evil = open("evil", inside);
  ASSERT_FALSE(evil);
  EXPECT_EQ(evil.error().kind(), ErrorKind::permission);
  std::filesystem::create_symlink("/etc", folder_ / "link");
  make("sly", "link/passwd", "raw");
  EXPECT_FALSE(open("sly", inside));
}

TEST_F(OpenTest, ReferencesThatAreNoFiles) {
  for (const char* reference : {"json:{\"driver\":\"raw\"}", "nbd://host/x", "http://x/y"}) {
    const auto resolved = resolve_reference("/images/a.qcow2", reference);
    ASSERT_FALSE(resolved) << reference;
    EXPECT_EQ(resolved.error().kind(), ErrorKind::unsupported);
  }
  EXPECT_EQ(*resolve_reference("/images/a.qcow2", "b.raw"), "/images/b.raw");
  EXPECT_EQ(*resolve_reference("/images/a.qcow2", "/x/b.raw"), "/x/b.raw");
  EXPECT_EQ(*resolve_reference("/images/a.qcow2", "file:b.raw"), "/images/b.raw");
}

TEST_F(OpenTest, ProbesAndBelievesAStatedFormat) {
  make("a", "");
  EXPECT_EQ(open("a", all_)->driver->name(), "qcow2");
  ASSERT_TRUE(write_file_atomically(folder_ / "r", Bytes(1000)));
  const auto raw = open("r", all_);
  ASSERT_TRUE(raw);
  EXPECT_EQ(raw->driver->name(), "raw");
  EXPECT_EQ(raw->image->size(), 1024u);
}

}  // namespace
}  // namespace cassia::storage
