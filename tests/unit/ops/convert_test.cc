// SPDX-License-Identifier: Apache-2.0
#include "storage/ops/convert.h"

#include <gtest/gtest.h>

#include "storage/ops/create.h"
#include "storage/ops/resize.h"
#include "tests/support/temporary_folder.h"

namespace cassia::storage {
namespace {

class ConvertTest : public ::testing::Test {
 protected:
  ConvertTest() { EXPECT_TRUE(write_file_atomically(folder_ / "in.raw", Bytes(1 << 20, 5))); }

  ConvertSpec spec(const char* target) const {
    ConvertSpec spec;
    spec.source = folder_ / "in.raw";
    spec.source_format = "raw";
    spec.target = folder_ / target;
    spec.target_format = "qcow2";
    return spec;
  }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder_.path()), {}));
  }

  test::TemporaryFolder folder_;
  FormatRegistry formats_ = FormatRegistry::standard();
  FollowAll all_;
  ImageEnvironment environment_{formats_, all_};
  Progress progress_;
};

TEST_F(ConvertTest, ReplacesTheTargetOnlyWhenDone) {
  ASSERT_TRUE(write_file_atomically(folder_ / "out", as_bytes("precious")));
  progress_.cancel();
  const auto canceled = convert_image(environment_, spec("out"), progress_);
  ASSERT_FALSE(canceled);
  EXPECT_EQ(canceled.error().kind(), ErrorKind::canceled);
  EXPECT_EQ(as_text(*read_file(folder_ / "out")), "precious");
  Progress again;
  ASSERT_TRUE(convert_image(environment_, spec("out"), again));
  EXPECT_EQ(as_text(*read_file(folder_ / "out")).substr(0, 3), "QFI");
  EXPECT_EQ(files(), 2u);
}

TEST_F(ConvertTest, ChecksBeforeItTouches) {
  auto unknown = spec("out");
  unknown.target_format = "vmx";
  EXPECT_EQ(convert_image(environment_, unknown, progress_).error().kind(), ErrorKind::not_found);
  auto option = spec("out");
  option.options["cluster_size"] = "1000";
  EXPECT_EQ(convert_image(environment_, option, progress_).error().kind(),
            ErrorKind::invalid_argument);
  auto same = spec("in.raw");
  EXPECT_EQ(convert_image(environment_, same, progress_).error().kind(),
            ErrorKind::invalid_argument);
  EXPECT_EQ(files(), 1u);
}

TEST_F(ConvertTest, ForbiddenBackingImageIsNotFollowed) {
  auto backed = spec("out");
  backed.backing_file = "in.raw";
  backed.backing_format = "raw";
  const FollowNone none;
  const auto refused = convert_image({formats_, none}, backed, progress_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::permission);
  EXPECT_EQ(files(), 1u);
}

TEST_F(ConvertTest, IntoExistingImage) {
  CreateImageSpec create;
  create.path = folder_ / "out";
  create.format = "qcow2";
  create.size = 2 << 20;
  ASSERT_TRUE(create_image(*plan_create(environment_, create)));
  auto into = spec("out");
  into.into_existing = true;
  ASSERT_TRUE(convert_image(environment_, into, progress_));
  OpenSpec open;
  open.path = into.target;
  const auto opened = open_image(environment_, open);
  Bytes got(1 << 20);
  ASSERT_TRUE(opened->image->read(0, got));
  EXPECT_TRUE(got == Bytes(1 << 20, 5));
  EXPECT_EQ(opened->image->size(), 2u << 20);
}

TEST_F(ConvertTest, ResizeTellsTheNewSize) {
  ResizeSpec resize;
  resize.path = folder_ / "in.raw";
  resize.format = "raw";
  resize.relation = ResizeSpec::Relation::grow_by;
  resize.size = 1000;
  EXPECT_EQ(*resize_image(environment_, resize), (1u << 20) + 1024);
  resize.relation = ResizeSpec::Relation::shrink_by;
  resize.size = 512;
  EXPECT_EQ(resize_image(environment_, resize).error().kind(), ErrorKind::invalid_argument);
}

}  // namespace
}  // namespace cassia::storage
