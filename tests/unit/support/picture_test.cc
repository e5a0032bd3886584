// SPDX-License-Identifier: Apache-2.0
#include "tests/support/picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

namespace cassia::test {
namespace {

using ::testing::HasSubstr;

Picture gradient() {
  Picture picture{5, 3, {}};
  for (int i = 0; i < 45; ++i) picture.rgb.push_back(static_cast<std::uint8_t>(i * 5));
  return picture;
}

TEST(Picture, ComesBackFromPng) {
  TemporaryFolder folder;
  ASSERT_TRUE(save_png(gradient(), folder / "a.png"));
  const auto loaded = load_picture(folder / "a.png");
  ASSERT_TRUE(loaded) << loaded.error().message();
  EXPECT_EQ(*loaded, gradient());
}

TEST(Picture, ReadsPpmWithComments) {
  const auto picture = parse_picture("P6\n# by hand\n2 1\n255\nabcdef", "by hand");
  ASSERT_TRUE(picture) << picture.error().message();
  EXPECT_EQ(picture->width, 2);
  EXPECT_EQ(picture->height, 1);
  EXPECT_EQ(picture->pixel(1, 0)[0], 'd');
  EXPECT_EQ(picture->colours(), 2u);
}

TEST(Picture, RefusesWhatIsCutShort) {
  EXPECT_FALSE(parse_picture("P6\n2 2\n255\nabcdef", "short"));
  EXPECT_FALSE(parse_picture("P6\n2", "short"));
  EXPECT_FALSE(parse_picture("\x89PNG\r\n", "short"));
  EXPECT_FALSE(parse_picture("GIF89a", "other"));
}

TEST(Picture, ComparisonNamesTheFirstDifference) {
  Picture other = gradient();
  other.rgb[3 * 7] = 0xff;
  other.rgb[3 * 9] = 0xff;
  const auto result = same_picture(other, gradient(), "picture-test");
  EXPECT_FALSE(result);
  EXPECT_THAT(result.message(), HasSubstr("2 of 15 pixels differ, first at 2,1: is #ff6e73"));
  for (const char* which : {"actual", "expected", "difference"}) {
    const auto left = evidence_folder() / ("picture-test-" + std::string(which) + ".png");
    EXPECT_TRUE(std::filesystem::remove(left)) << left;
  }
  EXPECT_TRUE(same_picture(gradient(), gradient(), "picture-test"));
}

TEST(Picture, IsFoundInsideAnother) {
  const Picture whole = gradient();
  Picture part{2, 2, {}};
  for (int y : {1, 2}) part.rgb.insert(part.rgb.end(), whole.pixel(3, y), whole.pixel(3, y) + 6);
  EXPECT_EQ(find_picture(part, whole), (std::pair{3, 1}));
  part.rgb[0] ^= 1;
  EXPECT_EQ(find_picture(part, whole), std::nullopt);
}

TEST(Picture, ComparisonNamesTheSizes) {
  Picture other{3, 5, gradient().rgb};
  const auto result = same_picture(other, gradient(), "picture-size-test");
  EXPECT_THAT(result.message(), HasSubstr("is 3x5, should be 5x3"));
  for (const char* which : {"actual", "expected"}) {
    std::filesystem::remove(evidence_folder() /
                            ("picture-size-test-" + std::string(which) + ".png"));
  }
}

}  // namespace
}  // namespace cassia::test
