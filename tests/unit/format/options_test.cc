// SPDX-License-Identifier: Apache-2.0
#include "storage/format/options.h"

#include <gtest/gtest.h>

namespace cassia::storage {
namespace {

TEST(OptionsTest, Sizes) {
  EXPECT_EQ(*parse_size("512"), 512u);
  EXPECT_EQ(*parse_size("64k"), 65536u);
  EXPECT_EQ(*parse_size("64K"), 65536u);
  EXPECT_EQ(*parse_size("1.5M"), 1572864u);
  EXPECT_EQ(*parse_size("10G"), std::uint64_t{10} << 30);
  EXPECT_EQ(*parse_size("7b"), 7u);
  for (const char* bad :
       {"", "x", "1Z", "1.5", "1.2.3G", "-5", "99999999999999999999", "16E", "k"}) {
    EXPECT_FALSE(parse_size(bad)) << bad;
  }
}

TEST(OptionsTest, Lists) {
  const auto options = parse_options("a=1,b,backing_file=x,,y=z");
  ASSERT_TRUE(options);
  EXPECT_EQ(options->at("a"), "1");
  EXPECT_EQ(options->at("b"), "on");
  EXPECT_EQ(options->at("backing_file"), "x,y=z");
  EXPECT_FALSE(parse_options("=1"));
}

}  // namespace
}  // namespace cassia::storage
