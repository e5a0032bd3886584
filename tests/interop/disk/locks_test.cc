// SPDX-License-Identifier: Apache-2.0
// An image that a real QEMU holds is not written, and one that Cassia writes is refused by QEMU's
// tools.

#include "storage/ops/convert.h"
#include "tests/interop/disk/peer.h"

namespace cassia::test {
namespace {

class Locks : public DiskTest {
 protected:
  Locks() {
    (void)good(qemu_img({"create", "-q", "-f", "qcow2", "vm.qcow2", "8M"}));
    qemu_io("vm.qcow2", {"write -P 1 0 1M"});
  }

  /// A QEMU with the image as a block node, ready to be used.
  Result<Process> hold() {
    ProcessOptions options;
    options.folder = folder_.path();
    options.input =
        "{\"execute\":\"qmp_capabilities\"}\n{\"execute\":\"query-named-block-nodes\"}\n";
    auto qemu = CASSIA_TRY(Process::start(
        {"qemu-system-x86_64", "-M", "none", "-nodefaults", "-display", "none", "-S", "-blockdev",
         "driver=qcow2,node-name=d0,file.driver=file,file.filename=vm.qcow2", "-qmp", "stdio"},
        options));
    CASSIA_TRY(qemu.wait_for_text("\"node-name\": \"d0\""));
    return qemu;
  }
};

TEST_F(Locks, ImageOfARunningVmIsRefusedByNameAndPid) {
  auto qemu = hold();
  ASSERT_TRUE(qemu) << qemu.error().message();
  const std::string holder = "pid " + std::to_string(qemu->pid()) + ", qemu-system-x86";
  const std::vector<std::vector<std::string>> refused{
      {"snapshot", "-c", "s", "vm.qcow2"}, {"resize", "vm.qcow2", "+1M"},
      {"check", "-r", "all", "vm.qcow2"},  {"create", "-f", "qcow2", "vm.qcow2", "1M"},
      {"convert", "vm.qcow2", "out.raw"},  {"info", "vm.qcow2"}};
  for (const auto& line : refused) {
    const Finished finished = disk(line);
    EXPECT_EQ(finished.status, 1) << line[0];
    EXPECT_NE(finished.errors.find("vm.qcow2: in use by another process (" + holder + ")"),
              std::string::npos)
        << finished.errors;
  }
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out.raw"));
  EXPECT_EQ(disk({"info", "-U", "vm.qcow2"}).status, 0);
  EXPECT_EQ(disk({"convert", "-U", "vm.qcow2", "out.raw"}).status, 0);
  EXPECT_EQ(disk({"check", "-U", "vm.qcow2"}).status, 0);
  EXPECT_NE(disk({"convert", "out.raw", "vm.qcow2"}).errors.find(holder), std::string::npos);
  qemu->stop();
  EXPECT_EQ(disk({"snapshot", "-c", "s", "vm.qcow2"}).status, 0);
  expect_sound("vm.qcow2");
}

TEST_F(Locks, ImageThatCassiaWritesIsRefusedByQemu) {
  {
    const auto opened = open("vm.qcow2", true);
    ASSERT_TRUE(opened.image);
    for (const auto& line : std::vector<std::vector<std::string>>{
             {"info", "vm.qcow2"}, {"snapshot", "-c", "s", "vm.qcow2"}, {"check", "vm.qcow2"}}) {
      const Finished finished = qemu_img(line);
      EXPECT_EQ(finished.status, 1) << line[0];
      EXPECT_NE(finished.errors.find("lock"), std::string::npos) << finished.errors;
    }
    EXPECT_EQ(qemu_img({"info", "-U", "vm.qcow2"}).status, 0);
    EXPECT_FALSE(hold());
  }
  EXPECT_EQ(qemu_img({"check", "vm.qcow2"}).status, 0);
}

TEST_F(Locks, ReadersShareButKeepWritersOut) {
  const auto opened = open("vm.qcow2", false);
  ASSERT_TRUE(opened.image);
  EXPECT_EQ(qemu_img({"info", "vm.qcow2"}).status, 0);
  EXPECT_EQ(disk({"info", "vm.qcow2"}).status, 0);
  EXPECT_EQ(qemu_img({"snapshot", "-c", "s", "vm.qcow2"}).status, 1);
}

TEST_F(Locks, BackingImageInUseForReadingIsNotWritten) {
  (void)good(disk({"create", "-q", "-f", "qcow2", "-b", "vm.qcow2", "-F", "qcow2", "top.qcow2"}));
  const auto opened = open("top.qcow2", true);
  ASSERT_TRUE(opened.image);
  EXPECT_EQ(qemu_img({"snapshot", "-c", "s", "vm.qcow2"}).status, 1);
  EXPECT_EQ(disk({"snapshot", "-c", "s", "vm.qcow2"}).status, 1);
}

}  // namespace
}  // namespace cassia::test
