// SPDX-License-Identifier: Apache-2.0
#include "client/ui/storage_form.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace cassia::client {
namespace {

using nlohmann::json;

TEST(StorageForm, LeavesOutWhatIsNotFilledIn) {
  StorageForm form(*storage::find_verb("disk.attach"));
  form.field("image")->text = "new.qcow2";
  form.field("read_only")->flag = true;
  EXPECT_EQ(*form.params(), (json{{"image", "new.qcow2"}, {"read_only", true}}));
}

TEST(StorageForm, ChoicesComeFromTheSchema) {
  StorageForm form(*storage::find_verb("disk.attach"));
  EXPECT_EQ(form.field("bus")->choices, (std::vector<std::string>{"auto", "virtio", "scsi"}));
  EXPECT_TRUE(form.field("image")->choices.empty());
}

TEST(StorageForm, SaysWhatIsMissingOrWrong) {
  StorageForm attach(*storage::find_verb("disk.attach"));
  ASSERT_FALSE(attach.params());
  EXPECT_NE(attach.params().error().message().find("image"), std::string::npos);

  StorageForm detach(*storage::find_verb("disk.detach"));
  detach.fix("disk", "disk0");
  EXPECT_TRUE(detach.field("disk")->fixed);
  EXPECT_EQ(*detach.params(), (json{{"disk", "disk0"}}));
  detach.field("wait")->text = "soon";
  ASSERT_FALSE(detach.params());
  EXPECT_NE(detach.params().error().message().find("soon"), std::string::npos);
  detach.field("wait")->text = "7";
  EXPECT_EQ(*detach.params(), (json{{"disk", "disk0"}, {"wait", 7}}));
}

}  // namespace
}  // namespace cassia::client
