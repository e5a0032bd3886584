// SPDX-License-Identifier: Apache-2.0
// What cassia-viewer lends a real QEMU's guest, directly and through the gateway.

#include <gmock/gmock.h>

#include "tests/interop/devices/boot_sector.h"
#include "tests/interop/devices/qemu_devices.h"

namespace cassia::test {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

// The firmware may look before the stick is there: it begins anew a second after it found nothing.
// (A system_reset of QMP in its place may hit it while it copies itself, and it never runs again.)
const std::vector<std::string> usb_machine = {
    "-boot",    "reboot-timeout=1000",         "-device", "qemu-xhci",
    "-chardev", "spicevmc,name=usbredir,id=u", "-device", "usb-redir,chardev=u,bootindex=1"};

/// Without a stick QEMU shows its device all the same, at low speed.
constexpr const char* plugged_in = "Speed 480 Mb/s, Product USB Redirection";

class UsbImage : public QemuDevices {
 protected:
  /// The firmware finds the stick, reads its first sector and runs it.
  void boot_from_usb_image(const std::string& server) {
    const std::filesystem::path image = folder_ / "stick.img";
    ASSERT_TRUE(write_file_atomically(image, bootable_image(text, SerialInput::echo)));
    start_viewer(server, {"--usb-image", image});
    ASSERT_TRUE(channel_open(9)) << evidence();
    ASSERT_TRUE(qmp_->execute("cont"));
    EXPECT_TRUE(wait_until([&] {
      return monitor("info usb").find(plugged_in) != std::string::npos;
    })) << monitor("info usb")
        << evidence();
    wait_for_boots(1);
    // The machine is reset: the stick stays, and is found again.
    ASSERT_TRUE(qmp_->execute("system_reset"));
    wait_for_boots(2);
  }

  void wait_for_boots(std::size_t count) {
    const auto boots = [&] {
      const std::string said = text_of(folder_ / "serial");
      std::size_t found = 0;
      for (auto at = said.find(text); at != said.npos; at = said.find(text, at + 1)) ++found;
      return found;
    };
    EXPECT_TRUE(wait_until([&] { return boots() >= count; }, seconds(40)))
        << text_of(folder_ / "serial") << monitor("info usb") << evidence();
  }

  static constexpr std::string_view text = "booted from the stick";
};

TEST_F(UsbImage, FirmwareBootsFromAnImageOfTheViewer) {
  auto machine = usb_machine;
  machine.insert(machine.end(), {"-serial", "file:" + (folder_ / "serial").string()});
  start(machine);
  boot_from_usb_image(uri());
}

TEST_F(UsbImage, FirmwareBootsFromAnImageThroughTheGateway) {
  auto machine = usb_machine;
  machine.insert(machine.end(), {"-serial", "file:" + (folder_ / "serial").string()});
  start(machine);
  start_gateway();
  boot_from_usb_image(gateway_->uri());
  // The stick is pulled out with the viewer.
  viewer_->stop();
  EXPECT_TRUE(wait_until([&] { return monitor("info usb").find(plugged_in) == std::string::npos; }))
      << monitor("info usb");
}

/// A smartcard of three certificates made for the occasion.
class Smartcards : public QemuDevices, public testing::WithParamInterface<bool> {
 protected:
  void make_certificates() {
    const std::string database = "sql:" + folder_.path().string();
    ASSERT_TRUE(write_file_atomically(folder_ / "password", as_bytes("\n")));
    ASSERT_TRUE(write_file_atomically(folder_ / "noise", Bytes(2048, 0x35)));
    certutil({"-N", "-d", database, "-f", folder_ / "password"});
    for (const std::string name : {"one", "two", "three"}) {
      certutil({"-S", "-d", database, "-f", folder_ / "password", "-z", folder_ / "noise", "-x",
                "-n", name, "-s", "CN=" + name, "-t", "CTu,CTu,CTu", "-g", "1024", "-m",
                std::to_string(++serial_)});
    }
  }
  void certutil(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "certutil");
    const auto done = run(arguments);
    ASSERT_TRUE(done) << done.error().message();
    ASSERT_EQ(done->status, 0) << done->output << done->errors;
  }
  int serial_ = 0;
};

TEST_P(Smartcards, TheGuestsDeviceTakesOurReaderAndItsCard) {
  make_certificates();
  start({"-usb", "-device", "usb-ccid", "-chardev", "spicevmc,id=c,name=smartcard", "-device",
         "ccid-card-passthru,chardev=c,debug=4"});
  if (GetParam()) start_gateway();
  start_viewer(
      GetParam() ? gateway_->uri() : uri(),
      {"--smartcard-certs", "one,two,three", "--smartcard-db", "sql:" + folder_.path().string()});
  const auto numbered = viewer_->wait_for_text("Cassia Smartcard is reader 0 of the guest");
  EXPECT_TRUE(numbered) << numbered.error().message() << evidence();
  const auto inserted = qemu_->wait_for_text("VSC_ATR");
  EXPECT_TRUE(inserted) << inserted.error().message() << evidence();
  EXPECT_THAT(viewer_->errors(), testing::Not(HasSubstr("refuses")));
  EXPECT_TRUE(qmp_->execute("query-status")) << evidence();
}

INSTANTIATE_TEST_SUITE_P(Direct, Smartcards, testing::Values(false));
INSTANTIATE_TEST_SUITE_P(Gateway, Smartcards, testing::Values(true));

class SharedFolder : public QemuDevices, public testing::WithParamInterface<bool> {};

/// The guest asks for a file over its webdav port (here its serial port) and shows the answer.
TEST_P(SharedFolder, IsReadByTheGuest) {
  const std::filesystem::path disk = folder_ / "disk.img";
  ASSERT_TRUE(write_file_atomically(disk, asking_image("/bread.txt")));
  std::filesystem::create_directory(folder_ / "shared");
  ASSERT_TRUE(write_file_atomically(folder_ / "shared/bread.txt", as_bytes("flour and water")));
  start({"-drive", "format=raw,file=" + disk.string(), "-chardev",
         "spiceport,id=w,name=org.spice-space.webdav.0", "-serial", "chardev:w", "-debugcon",
         "file:" + (folder_ / "debug").string()});
  if (GetParam()) start_gateway();
  start_viewer(GetParam() ? gateway_->uri() : uri(), {"--share-folder", folder_ / "shared"});
  ASSERT_TRUE(channel_open(11)) << evidence();
  ASSERT_TRUE(qmp_->execute("cont"));
  EXPECT_TRUE(wait_until(
      [&] { return text_of(folder_ / "debug").find("flour and water") != std::string::npos; },
      seconds(60)))
      << text_of(folder_ / "debug") << evidence();
  EXPECT_THAT(text_of(folder_ / "debug"), HasSubstr("200 OK"));
}

INSTANTIATE_TEST_SUITE_P(Direct, SharedFolder, testing::Values(false));
INSTANTIATE_TEST_SUITE_P(Gateway, SharedFolder, testing::Values(true));

TEST_F(QemuDevices, TheDemoGuestReadsOurFolder) {
  std::filesystem::create_directory(folder_ / "shared");
  ASSERT_TRUE(write_file_atomically(folder_ / "shared/apple pie.txt", as_bytes("one")));
  auto gateway = Gateway::start({"--demo"});
  ASSERT_TRUE(gateway) << gateway.error().message();
  start_viewer((*gateway)->uri(), {"--share-folder", (folder_ / "shared").string() + ":ro"});
  const auto told = (*gateway)->process().wait_for_text("the viewer shares apple pie.txt");
  EXPECT_TRUE(told) << told.error().message() << (*gateway)->process().errors()
                    << viewer_->errors();
}

}  // namespace
}  // namespace cassia::test
