// SPDX-License-Identifier: Apache-2.0
// The verbs on a running guest: it sees disks come and go, and goes on writing meanwhile.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/interop/live/service_client.h"
#include "tests/support/process.h"
#include "tests/support/qemu_guest.h"

namespace cassia::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

std::string tool(std::vector<std::string> words) {
  words.insert(words.begin(), "qemu-img");
  const auto done = run(words);
  EXPECT_TRUE(done && done->status == 0) << (done ? done->errors : done.error().message());
  return done ? done->output : "";
}

class RunningGuest : public ::testing::TestWithParam<GuestOptions> {
 protected:
  void SetUp() override {
    auto guest = QemuGuest::shared(GetParam());
    ASSERT_TRUE(guest) << guest.error().message();
    guest_ = *guest;
    auto client = ServiceClient::create(guest_->folder(), guest_->gateway_qmp());
    ASSERT_TRUE(client) << client.error().message();
    client_ = std::move(*client);
  }

  std::string in_folder(const std::string& name) const {
    return (guest_->folder() / name).string();
  }

  QemuGuest* guest_ = nullptr;
  std::unique_ptr<ServiceClient> client_;
};

TEST_P(RunningGuest, TheGuestSeesADiskComeAndGo) {
  const std::string image = fmt::format("plug-{}{}.qcow2", GetParam().machine, GetParam().scsi);
  tool({"create", "-f", "qcow2", in_folder(image), "48M"});
  for (int round = 0; round < 2; ++round) {
    const std::size_t from = guest_->serial().size();
    const auto disk = client_->call("disk.attach", {{"image", image}, {"id", "plugged"}});
    ASSERT_TRUE(disk) << disk.error().message();
    const auto seen = guest_->wait_serial("CASSIA-DISK add [sv]d[a-z] 98304", from);
    EXPECT_TRUE(seen) << seen.error().message();
    const auto gone = client_->call("disk.detach", {{"disk", "plugged"}, {"wait", 60}});
    ASSERT_TRUE(gone) << gone.error().message();
    EXPECT_EQ((*gone)["state"], "detached");
    EXPECT_TRUE(guest_->wait_serial("CASSIA-DISK remove", from));
    tool({"check", in_folder(image)});
  }
}

TEST_P(RunningGuest, ADiskOfTheStartCanBeDetachedAndAttachedAgain) {
  const auto gone = client_->call("disk.detach", {{"disk", "disk-b"}, {"wait", 60}});
  if (GetParam().machine == "q35") {  // it sits on pcie.0, which takes no hot-plug
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().kind(), ErrorKind::unsupported);
    EXPECT_THAT(gone.error().message(), HasSubstr("pcie.0"));
    EXPECT_EQ(client_->disk("disk-b")["state"], "attached");
    return;
  }
  ASSERT_TRUE(gone) << gone.error().message();
  EXPECT_EQ((*gone)["state"], "detached");
  tool({"resize", "-f", "raw", in_folder("disk-b.raw"), "64M"});  // QEMU has let go of the file
  const auto back = client_->call("disk.attach", {{"image", "disk-b.raw"}, {"id", "disk-b"}});
  ASSERT_TRUE(back) << back.error().message();
}

TEST_P(RunningGuest, CopiesAreIdenticalAtTheMomentTheyBegan) {
  // The guest writes for ever; while it is paused the content is known.
  ASSERT_TRUE(guest_->qmp().type("while :; do cat /bin/busybox /bin/busybox; done >/dev/vda\n"));
  const auto writes = [&] {
    const auto stats = guest_->qmp().execute("query-blockstats");
    for (const json& disk : *stats) {
      if (disk.value("node-name", "") == "disk-a")
        return disk["stats"]["wr_bytes"].get<std::int64_t>();
    }
    return std::int64_t{-1};
  };
  const auto before = writes();
  ASSERT_TRUE(wait_until([&] { return writes() > before; }));
  const std::string copy = fmt::format("moment-{}{}.qcow2", GetParam().machine, GetParam().scsi);
  const std::string truth = in_folder(copy + ".truth");
  ASSERT_TRUE(guest_->qmp().execute("stop"));
  tool({"convert", "-U", "-f", "qcow2", "-O", "raw", in_folder("disk-a.qcow2"), truth});
  const auto job = client_->call("disk.convert", {{"disk", "disk-a"}, {"target", copy}});
  ASSERT_TRUE(guest_->qmp().execute("cont"));
  ASSERT_TRUE(job) << job.error().message();
  const json done = client_->wait_job((*job)["id"]).value();
  EXPECT_EQ(done["state"], "done") << done;
  tool({"check", in_folder(copy)});
  tool({"compare", "-f", "raw", "-F", "qcow2", truth, in_folder(copy)});
  ASSERT_TRUE(guest_->qmp().press({"ctrl", "c"}));
}

TEST_P(RunningGuest, SnapshotsWhileItRuns) {
  const std::string name = fmt::format("live-{}", GetParam().scsi);
  const auto taken = client_->call("disk.snapshot.create", {{"disk", "disk-a"}, {"name", name}});
  ASSERT_TRUE(taken) << taken.error().message();
  EXPECT_THAT(tool({"snapshot", "-U", "-l", in_folder("disk-a.qcow2")}), HasSubstr(name));
}

INSTANTIATE_TEST_SUITE_P(
    Guests, RunningGuest,
    ::testing::Values(GuestOptions{}, GuestOptions{.machine = "q35"},
                      GuestOptions{.machine = "q35", .scsi = true, .root_ports = 0}),
    [](const auto& info) { return info.param.machine + (info.param.scsi ? "_scsi" : ""); });

}  // namespace
}  // namespace cassia::test
