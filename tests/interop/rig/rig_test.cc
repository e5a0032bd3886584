// SPDX-License-Identifier: Apache-2.0
// QEMU, the small guest and the stock client alone: what the other interop tests compare with.

#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/support/programs.h"
#include "tests/support/qemu_guest.h"
#include "tests/support/remote_viewer.h"

namespace cassia::test {
namespace {

struct Screen {
  const char* name;
  GuestOptions guest;
  const char* says;  ///< the guest's own word for its screen
};

class RigScreen : public ::testing::TestWithParam<Screen> {};

TEST_P(RigScreen, StockClientShowsWhatQemuDumps) {
  auto guest = QemuGuest::start(GetParam().guest);
  ASSERT_TRUE(guest) << guest.error().message();
  const auto said = (*guest)->wait_serial(GetParam().says);
  EXPECT_TRUE(said) << said.error().message();
  const auto dump = (*guest)->qmp().steady_screen();
  ASSERT_TRUE(dump) << dump.error().message();
  EXPECT_GE(dump->colours(), 8u) << "the guest has not drawn its picture";
  const auto shown = spicy_screenshot((*guest)->uri());
  ASSERT_TRUE(shown) << shown.error().message();
  EXPECT_TRUE(same_picture(*shown, *dump, std::string("rig-") + GetParam().name));
}

INSTANTIATE_TEST_SUITE_P(
    Vga, RigScreen,
    ::testing::Values(
        Screen{"std", {.vga = "std", .mode = "still"}, "bochs.* 1280x800x32"},
        Screen{"qxl", {.vga = "qxl", .mode = "still"}, "qxl.* 1024x768x32"},
        Screen{"virtio", {.vga = "virtio", .mode = "still"}, "virtio.* 1280x800x32"},
        Screen{"cirrus", {.vga = "cirrus", .mode = "still"}, "cirrus.* 1024x768x16"},
        Screen{"text", {.vga = "cirrus", .mode = "still", .text = true}, "text 25x80"},
        Screen{
            "vesa16", {.vga = "std", .mode = "still", .vesa_mode = "0x314"}, "VESA.* 800x600x16"}),
    [](const auto& info) { return info.param.name; });

TEST(RigGuest, TypedTextReachesItsShell) {
  auto guest = QemuGuest::shared({});
  ASSERT_TRUE(guest) << guest.error().message();
  const auto typed = (*guest)->qmp().type("echo SAID-$((6*7)) >/dev/ttyS0\n");
  ASSERT_TRUE(typed) << typed.error().message();
  const auto said = (*guest)->wait_serial("SAID-42");
  EXPECT_TRUE(said) << said.error().message();
}

TEST(RigGuest, SaysWhenADiskComesAndGoes) {
  for (const char* machine : {"pc", "q35"}) {
    auto guest = QemuGuest::shared({.machine = machine});
    ASSERT_TRUE(guest) << guest.error().message();
    auto& qmp = (*guest)->qmp();
    const auto image = (*guest)->folder() / "extra.raw";
    ASSERT_TRUE(write_file_atomically(image, Bytes(1 << 20)));
    ASSERT_TRUE(qmp.execute("blockdev-add",
                            {{"driver", "raw"},
                             {"node-name", "extra"},
                             {"file", {{"driver", "file"}, {"filename", image.string()}}}}));
    nlohmann::json device = {
        {"driver", "virtio-blk-pci"}, {"drive", "extra"}, {"id", "extra"}, {"serial", "rig-extra"}};
    if (std::string(machine) == "q35") device["bus"] = "root-port-0";
    const auto added = qmp.execute("device_add", device);
    ASSERT_TRUE(added) << added.error().message();
    const auto came = (*guest)->wait_serial("CASSIA-DISK add vd. 2048 rig-extra");
    EXPECT_TRUE(came) << came.error().message();
    ASSERT_TRUE(qmp.execute("device_del", {{"id", "extra"}}));
    const auto deleted = qmp.wait_event("DEVICE_DELETED");
    EXPECT_TRUE(deleted) << deleted.error().message();
    const auto went = (*guest)->wait_serial("CASSIA-DISK remove vd.");
    EXPECT_TRUE(went) << went.error().message();
  }
}

TEST(RigGuest, RemoteViewerShowsItAndTypes) {
  auto guest = QemuGuest::shared({});
  ASSERT_TRUE(guest) << guest.error().message();
  auto x = XServer::start_xvfb();
  ASSERT_TRUE(x) << x.error().message();
  auto viewer = RemoteViewer::start(**x, (*guest)->uri());
  ASSERT_TRUE(viewer) << viewer.error().message();
  const auto before = (*guest)->qmp().steady_screen();
  ASSERT_TRUE(before) << before.error().message();
  const auto shown = (*viewer)->wait_shows(*before);
  ASSERT_TRUE(shown) << shown.error().message();

  const auto typed = (*viewer)->type("echo REMOTE-$((6*7)) | tee /dev/ttyS0");
  ASSERT_TRUE(typed) << typed.error().message();
  ASSERT_TRUE((*viewer)->press("Return"));
  const auto said = (*guest)->wait_serial("REMOTE-42");
  ASSERT_TRUE(said) << said.error().message();
  const auto after = (*guest)->qmp().steady_screen();
  ASSERT_TRUE(after) << after.error().message();
  const auto follows = (*viewer)->wait_shows(*after);
  EXPECT_TRUE(follows) << follows.error().message();
}

}  // namespace
}  // namespace cassia::test
