// SPDX-License-Identifier: Apache-2.0
#include "protocol/storage/check.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace cassia::storage {
namespace {

using nlohmann::json;

std::string complaint(std::string_view verb, const json& params) {
  const auto result = check_params(*find_verb(verb), params);
  if (result) return "";
  EXPECT_EQ(result.error().kind(), ErrorKind::invalid_argument);
  return result.error().message();
}

TEST(StorageCheck, TakesWhatTheSchemaAllows) {
  EXPECT_EQ(complaint("disk.list", nullptr), "");
  EXPECT_EQ(complaint("disk.list", json::object()), "");
  EXPECT_EQ(complaint("disk.attach", {{"image", "a.qcow2"}, {"bus", "scsi"}, {"read_only", true}}),
            "");
  EXPECT_EQ(complaint("disk.detach", {{"disk", "d"}, {"wait", 3}}), "");
}

TEST(StorageCheck, NamesWhatIsWrong) {
  EXPECT_EQ(complaint("disk.list", {{"all", true}}), "disk.list: there is no parameter 'all'");
  EXPECT_EQ(complaint("disk.attach", nullptr),
            "disk.attach: parameter 'image' is missing (path of the image, relative to the storage "
            "root)");
  EXPECT_EQ(complaint("disk.attach", {{"image", 7}}),
            "disk.attach: parameter 'image' must be a text");
  EXPECT_EQ(complaint("disk.detach", {{"disk", "d"}, {"wait", "long"}}),
            "disk.detach: parameter 'wait' must be an integer");
  EXPECT_EQ(complaint("disk.detach", {{"disk", "d"}, {"wait", 1.5}}),
            "disk.detach: parameter 'wait' must be an integer");
  EXPECT_EQ(complaint("disk.attach", {{"image", "a"}, {"bus", "ide"}}),
            "disk.attach: parameter 'bus' must be one of auto|virtio|scsi, not 'ide'");
  EXPECT_EQ(complaint("disk.attach", {{"image", ""}}), "disk.attach: parameter 'image' is empty");
  EXPECT_EQ(complaint("disk.attach", {{"image", "a\nb"}}),
            "disk.attach: parameter 'image' holds a control character");
  EXPECT_EQ(complaint("disk.attach", {{"image", std::string(5000, 'a')}}),
            "disk.attach: parameter 'image' is longer than 4096 bytes");
  EXPECT_EQ(complaint("disk.attach", json::array({"a"})),
            "disk.attach: parameters are given by name, in an object");
}

TEST(StorageCheck, RightsIncludeLesserOnes) {
  EXPECT_TRUE(check_right(*find_verb("disk.list"), Right::manage));
  EXPECT_TRUE(check_right(*find_verb("disk.attach"), Right::attach));
  const auto refused = check_right(*find_verb("disk.convert"), Right::attach);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::permission);
  EXPECT_EQ(refused.error().message(),
            "disk.convert: needs the right 'manage', this ticket has 'attach'");
}

}  // namespace
}  // namespace cassia::storage
