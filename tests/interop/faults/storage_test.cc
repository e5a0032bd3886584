// SPDX-License-Identifier: Apache-2.0
// Missing images, images in use, QMP sockets that are held or go away.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/file.h"
#include "tests/support/paths.h"
#include "tests/support/programs.h"
#include "tests/support/qemu_guest.h"

namespace cassia::test {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

void expect_one_line_about(const Result<Finished>& finished, const std::string& what) {
  ASSERT_TRUE(finished) << finished.error().message();
  EXPECT_NE(finished->status, 0);
  EXPECT_LT(finished->status, 128) << "it crashed";
  EXPECT_EQ(std::count(finished->errors.begin(), finished->errors.end(), '\n'), 1)
      << finished->errors;
  EXPECT_THAT(finished->errors, HasSubstr(what));
}

TEST(StorageFaults, AMissingImageIsNamed) {
  TemporaryFolder folder;
  const std::string missing = folder / "missing.qcow2";
  expect_one_line_about(disk({"info", missing}), "missing.qcow2");
  expect_one_line_about(disk({"check", missing}), "missing.qcow2");
  expect_one_line_about(disk({"convert", "-O", "raw", missing, folder / "out.raw"}),
                        "missing.qcow2");
  EXPECT_FALSE(std::filesystem::exists(folder / "out.raw"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 0)
      << "something half-written is left";
}

class RunningVm : public ::testing::Test {
 protected:
  void SetUp() override {
    auto guest = QemuGuest::shared({});
    ASSERT_TRUE(guest) << guest.error().message();
    guest_ = *guest;
  }

  Result<std::unique_ptr<Gateway>> gateway() {
    return Gateway::start({"--upstream", guest_->uri(), "--qmp", guest_->gateway_qmp(),
                           "--storage-root", guest_->folder()});
  }

  QemuGuest* guest_ = nullptr;
};

TEST_F(RunningVm, AnImageInUseIsNotWritten) {
  const std::string image = guest_->qcow2_disk();
  const auto before = read_file(image);
  ASSERT_TRUE(before);
  expect_one_line_about(disk({"snapshot", "-c", "stolen", image}), "disk-a.qcow2");
  expect_one_line_about(disk({"check", "-r", "all", image}), "disk-a.qcow2");
  const auto after = read_file(image);
  ASSERT_TRUE(after);
  EXPECT_EQ(*before, *after);
  const auto shared = disk({"info", "-U", image});
  ASSERT_TRUE(shared) << shared.error().message();
  EXPECT_EQ(shared->status, 0) << shared->errors;
  EXPECT_THAT(shared->output, HasSubstr("qcow2"));
}

TEST_F(RunningVm, AMissingOrForeignImageIsNotAttached) {
  auto started = gateway();
  ASSERT_TRUE(started) << started.error().message();
  const std::string uri = (*started)->uri();
  expect_one_line_about(disk({"--connect", uri, "attach", "missing.qcow2"}), "missing.qcow2");
  expect_one_line_about(disk({"--connect", uri, "attach", "../../etc/passwd"}), "passwd");
  expect_one_line_about(disk({"--connect", uri, "detach", "no-such-disk"}), "no-such-disk");
  const auto list = disk({"--connect", uri, "list"});
  ASSERT_TRUE(list) << list.error().message();
  EXPECT_EQ(list->status, 0) << list->errors;
  EXPECT_THAT(list->output, HasSubstr("disk-a"));
  EXPECT_THAT(list->output, HasSubstr("disk-b"));
}

TEST_F(RunningVm, AQmpSocketThatIsHeldIsSaidToBeHeld) {
  auto holder = QmpClient::connect(guest_->gateway_qmp());
  ASSERT_TRUE(holder) << holder.error().message();
  auto started = gateway();
  ASSERT_TRUE(started) << started.error().message();
  // The display does not need QMP: the gateway serves it, and says what is wrong with the disks.
  expect_one_line_about(disk({"--connect", (*started)->uri(), "list"}, seconds(30)),
                        "held by another client");
}

TEST_F(RunningVm, AQmpSocketThatGoesAwayIsReportedAndTheGatewayStays) {
  auto guest = QemuGuest::start({});
  ASSERT_TRUE(guest) << guest.error().message();
  auto started = Gateway::start({"--upstream", (*guest)->uri(), "--qmp", (*guest)->gateway_qmp(),
                                 "--storage-root", (*guest)->folder()});
  ASSERT_TRUE(started) << started.error().message();
  const std::string uri = (*started)->uri();
  const auto list = disk({"--connect", uri, "list"});
  ASSERT_TRUE(list) << list.error().message();
  EXPECT_EQ(list->status, 0) << list->errors;
  (*guest)->stop();
  expect_one_line_about(disk({"--connect", uri, "list"}, seconds(30)), "qmp.sock");
  EXPECT_TRUE((*started)->process().running());

  // The same VM comes back: so do its disks.
  const auto restarted = (*guest)->restart();
  ASSERT_TRUE(restarted) << restarted.error().message();
  EXPECT_TRUE(wait_until(
      [&] {
        const auto again = disk({"--connect", uri, "list"});
        return again && again->status == 0;
      },
      seconds(30)));
}

}  // namespace
}  // namespace cassia::test
