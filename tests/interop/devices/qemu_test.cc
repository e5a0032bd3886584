// SPDX-License-Identifier: Apache-2.0
// Device channels of a real QEMU through the gateway, with the stock client library.

#include <gmock/gmock.h>

#include "tests/interop/devices/boot_sector.h"
#include "tests/interop/devices/qemu_devices.h"

namespace cassia::test {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

TEST_F(QemuDevices, StockClientTalksToTheGuestsSerialPortThroughTheGateway) {
  const std::filesystem::path disk = folder_ / "disk.img";
  ASSERT_TRUE(write_file_atomically(disk, bootable_image("ready", SerialInput::echo)));
  start({"-drive", "format=raw,file=" + disk.string(), "-chardev",
         "spiceport,id=p,name=org.example.serial", "-serial", "chardev:p", "-chardev",
         "spiceport,id=m,name=org.qemu.monitor.hmp.0", "-mon", "chardev=m"});
  start_gateway({"--relay-ports", "org.example.serial"});
  ASSERT_TRUE(qmp_->execute("cont"));
  auto client = Process::start({program("spice_gtk_devices"), "--uri", gateway_->uri(), "--port",
                                "org.example.serial", "--say", "typed by the stock client"});
  ASSERT_TRUE(client) << client.error().message();
  const auto status = client->wait(seconds(60));
  ASSERT_TRUE(status) << client->output() << client->errors() << evidence();
  EXPECT_EQ(*status, 0) << client->output() << client->errors() << evidence();
  EXPECT_THAT(client->output(), testing::Not(HasSubstr("monitor")));
}

TEST_F(QemuDevices, MonitorsAreRefusedOnTheCommandLine) {
  const auto finished =
      run({program("cassia-gateway"), "--upstream", "spice://127.0.0.1:1", "--listen",
           "127.0.0.1:0", "--no-auth", "--relay-ports", "org.qemu.monitor.qmp.0"});
  ASSERT_TRUE(finished);
  EXPECT_NE(finished->status, 0);
  EXPECT_THAT(finished->errors, HasSubstr("never relayed"));
}

TEST_F(QemuDevices, StockClientSharesItsFolderThroughTheGateway) {
  const std::filesystem::path disk = folder_ / "disk.img";
  ASSERT_TRUE(write_file_atomically(disk, asking_image("/bread.txt")));
  std::filesystem::create_directory(folder_ / "shared");
  ASSERT_TRUE(write_file_atomically(folder_ / "shared/bread.txt", as_bytes("flour and water")));
  start({"-drive", "format=raw,file=" + disk.string(), "-chardev",
         "spiceport,id=w,name=org.spice-space.webdav.0", "-serial", "chardev:w", "-debugcon",
         "file:" + (folder_ / "debug").string()});
  start_gateway();
  auto client = Process::start(
      {program("spice_gtk_devices"), "--uri", gateway_->uri(), "--share", folder_ / "shared"});
  ASSERT_TRUE(client) << client.error().message();
  ASSERT_TRUE(channel_open(11)) << evidence();
  ASSERT_TRUE(qmp_->execute("cont"));
  EXPECT_TRUE(wait_until(
      [&] { return text_of(folder_ / "debug").find("flour and water") != std::string::npos; },
      seconds(60)))
      << text_of(folder_ / "debug") << client->output() << evidence();
}

}  // namespace
}  // namespace cassia::test
