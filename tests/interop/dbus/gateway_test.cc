// SPDX-License-Identifier: Apache-2.0
// Viewers of a VM that has no SPICE: cassia-gateway takes its display from D-Bus.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/interop/dbus/dbus_machine.h"
#include "tests/support/paths.h"
#include "tests/support/programs.h"

namespace cassia::test {
namespace {

class DbusGatewayTest : public testing::Test {
 protected:
  void boot(std::vector<std::string> more, const std::string& boot = {}) {
    more.insert(more.end(), {"-display", "dbus,p2p=on"});
    auto machine = DbusMachine::start(std::move(more), boot);
    ASSERT_TRUE(machine) << machine.error().message();
    machine_ = std::move(*machine);
    auto gateway = Gateway::start({"--upstream", "dbus+unix://" + machine_->gateway_qmp()});
    ASSERT_TRUE(gateway) << gateway.error().message();
    gateway_ = std::move(*gateway);
  }
  void expect_shown(const Picture& screen, const std::string& name) {
    ViewerOptions options;
    options.settle = Timeout(500);
    const auto seen = view(gateway_->uri(), options);
    ASSERT_TRUE(seen) << seen.error().message() << gateway_->process().errors();
    EXPECT_TRUE(same_picture(seen->screenshot, screen, name));
  }

  std::unique_ptr<DbusMachine> machine_;
  std::unique_ptr<Gateway> gateway_;
};

TEST_F(DbusGatewayTest, ViewersSeeTheFirmwareAsItIs) {
  boot({"-vga", "std"});
  const auto screen = machine_->freeze();
  ASSERT_TRUE(screen) << screen.error().message();
  expect_shown(*screen, "dbus-std");
  const auto stock = spicy_screenshot(gateway_->uri());
  ASSERT_TRUE(stock) << stock.error().message();
  EXPECT_TRUE(same_picture(*stock, *screen, "dbus-std-stock"));
}

TEST_F(DbusGatewayTest, OtherDisplayAdaptersToo) {
  for (const char* vga : {"virtio", "cirrus"}) {
    SCOPED_TRACE(vga);
    boot({"-vga", vga});
    if (HasFatalFailure()) return;
    const auto screen = machine_->freeze();
    ASSERT_TRUE(screen) << screen.error().message();
    expect_shown(*screen, std::string("dbus-") + vga);
  }
}

TEST_F(DbusGatewayTest, WhatAViewerTypesIsOnTheScreen) {
  boot({"-vga", "std"}, typewriter());
  ASSERT_TRUE(wait_until([&] { return machine_->listens_to_keys(); }));
  const auto before = machine_->qmp().steady_screen();
  ViewerOptions options;
  options.settle = Timeout(500);
  options.type = "Hello, d-bus 42";
  const auto seen = view(gateway_->uri(), options);
  // The cursor blinks: the viewer ends by its time limit if it never settles.
  ASSERT_TRUE(seen) << seen.error().message();
  const auto after = machine_->freeze();
  ASSERT_TRUE(after) << after.error().message();
  expect_shown(*after, "dbus-typed");
  ASSERT_TRUE(before);
  EXPECT_NE(before->rgb, after->rgb);
}

TEST_F(DbusGatewayTest, AGuestThatIsKilledComesBack) {
  boot({"-vga", "std"});
  machine_->stop();
  const auto gone = gateway_->process().wait_for_text("trying again");
  ASSERT_TRUE(gone) << gone.error().message();
  const auto away = view(gateway_->uri());
  ASSERT_TRUE(away) << away.error().message();
  const auto again = machine_->restart();
  ASSERT_TRUE(again) << again.error().message();
  const auto screen = machine_->freeze();
  ASSERT_TRUE(screen) << screen.error().message();
  ASSERT_TRUE(wait_until([&] {
    const auto seen = view(gateway_->uri());
    return seen && seen->screenshot == *screen;
  }));
}

TEST_F(DbusGatewayTest, AMonitorThatIsHeldByAnotherIsSaid) {
  auto machine = DbusMachine::start({"-vga", "std", "-display", "dbus,p2p=on"});
  ASSERT_TRUE(machine) << machine.error().message();
  const auto other = QmpClient::connect((*machine)->gateway_qmp());
  ASSERT_TRUE(other) << other.error().message();
  auto gateway = Process::start({program("cassia-gateway"), "--upstream",
                                 "dbus+unix://" + (*machine)->gateway_qmp(), "--listen",
                                 "unix:" + ((*machine)->folder() / "gw.sock").string()});
  ASSERT_TRUE(gateway) << gateway.error().message();
  const auto said = gateway->wait_for_text("give it a second -qmp");
  EXPECT_TRUE(said) << said.error().message();
  EXPECT_EQ(gateway->stop(), 0) << gateway->errors();
}

TEST_F(DbusGatewayTest, AQemuWithoutADisplayOnDbusIsSaid) {
  auto machine = DbusMachine::start({"-vga", "std", "-display", "none"});
  ASSERT_TRUE(machine) << machine.error().message();
  auto gateway = Process::start({program("cassia-gateway"), "--upstream",
                                 "dbus+unix://" + (*machine)->gateway_qmp(), "--listen",
                                 "unix:" + ((*machine)->folder() / "gw.sock").string()});
  ASSERT_TRUE(gateway) << gateway.error().message();
  const auto said = gateway->wait_for_text("needs -display dbus,p2p=on");
  EXPECT_TRUE(said) << said.error().message();
}

TEST_F(DbusGatewayTest, AQemuOnAMessageBusIsServedToo) {
  const TemporaryFolder folder;
  const std::string address = "unix:path=" + (folder / "bus").string();
  auto bus = Process::start(
      {"dbus-daemon", "--session", "--nofork", "--address=" + address, "--print-address=1"});
  ASSERT_TRUE(bus) << bus.error().message();
  const auto up = bus->wait_for_text("unix:path=");
  ASSERT_TRUE(up) << up.error().message();
  auto machine =
      DbusMachine::start({"-vga", "std", "-display", "dbus,addr=" + address + ",audiodev=sound",
                          "-audiodev", "dbus,id=sound", "-device", "AC97,audiodev=sound"});
  ASSERT_TRUE(machine) << machine.error().message();
  machine_ = std::move(*machine);
  auto gateway = Gateway::start({"--upstream", "dbus:org.qemu@" + address});
  ASSERT_TRUE(gateway) << gateway.error().message();
  gateway_ = std::move(*gateway);
  const auto screen = machine_->freeze();
  ASSERT_TRUE(screen) << screen.error().message();
  expect_shown(*screen, "dbus-bus");
  machine_->stop();
  const auto gone = gateway_->process().wait_for_text("trying again");
  EXPECT_TRUE(gone) << gone.error().message();
}

}  // namespace
}  // namespace cassia::test
