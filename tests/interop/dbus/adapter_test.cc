// SPDX-License-Identifier: Apache-2.0
// The D-Bus adapter against a real QEMU: input, pointer, heads, sizes, sound, clipboard.

#include <gtest/gtest.h>
#include <spice/vd_agent.h>

#include <boost/asio/io_context.hpp>
#include <future>
#include <nlohmann/json.hpp>
#include <regex>

#include "server/guest/dbus/dbus_guest.h"
#include "tests/interop/dbus/dbus_machine.h"
#include "tests/interop/dbus/serial_agent.h"
#include "tests/unit/dbus/guest_record.h"

namespace cassia::server {
namespace {

using channels::MouseButton;
using channels::MouseMode;
using test::DbusMachine;

constexpr char traced[] = "input_event_*";

class DbusAdapterTest : public testing::Test {
 protected:
  void boot(std::vector<std::string> more, const std::string& boot = {}) {
    more.insert(more.end(), {"-trace", traced});
    auto machine = DbusMachine::start(std::move(more), boot);
    ASSERT_TRUE(machine) << machine.error().message();
    machine_ = std::move(*machine);
    DbusGuestOptions options;
    options.address.qmp = machine_->gateway_qmp();
    options.first_retry = std::chrono::milliseconds(20);
    guest_ = make_dbus_guest(io_.get_executor(), clock_, options);
    guest_->set_audio(record_);
    guest_->start(record_);
    ASSERT_TRUE(until([&] { return record_.shown_ == 1; })) << record_.why_;
  }
  void TearDown() override {
    if (guest_) guest_->stop();
    guest_.reset();
    io_.restart();
    io_.run_for(std::chrono::seconds(5));
    EXPECT_TRUE(io_.stopped()) << "something still waits";
  }
  /// Runs the loop until `condition` holds.
  bool until(const std::function<bool()>& condition) {
    return test::wait_until([&] {
      io_.restart();
      io_.run_for(std::chrono::milliseconds(20));
      return condition();
    });
  }
  bool traces(const std::string& regex) {
    const std::regex wanted(regex);
    return until([&] { return std::regex_search(machine_->trace(), wanted); });
  }

  boost::asio::io_context io_;
  SteadyClock clock_;
  GuestRecord record_;
  std::unique_ptr<DbusMachine> machine_;
  std::unique_ptr<GuestSource> guest_;
};

TEST_F(DbusAdapterTest, SaysWhoItIsAndTypes) {
  boot({"-vga", "std", "-display", "dbus,p2p=on"}, test::typewriter());
  EXPECT_EQ(record_.displays_, 1u);
  EXPECT_EQ(record_.name_, "dbus-machine");
  ASSERT_TRUE(record_.uuid_);
  EXPECT_EQ((*record_.uuid_)[1], 0x11);
  EXPECT_EQ(record_.mouse_mode_, MouseMode::server);
  EXPECT_EQ(record_.mouse_modes_, 1u);
  ASSERT_TRUE(until([&] { return machine_->listens_to_keys(); }));
  guest_->key_down(0x1e);
  guest_->key_up(0x1e);
  EXPECT_TRUE(traces("qcode a, down 1")) << machine_->trace();
  guest_->key_down(0x48e0);
  guest_->key_up(0x48e0);
  EXPECT_TRUE(traces("qcode up, down 0")) << machine_->trace();
  // Caps Lock by its light: the firmware's keyboard driver lights it.
  guest_->key_modifiers(channels::KeyModifiers::caps_lock);
  EXPECT_TRUE(traces("caps_lock")) << machine_->trace();
  guest_->key_down(0x1e);  // with which it asks for the next key, and sets the lights
  guest_->key_up(0x1e);
  EXPECT_TRUE(until([&] { return record_.modifiers_ == channels::KeyModifiers::caps_lock; }))
      << record_.modifiers_;
}

TEST_F(DbusAdapterTest, MovesAMouseAndThenATablet) {
  boot({"-vga", "std", "-display", "dbus,p2p=on", "-device", "qemu-xhci", "-device", "usb-tablet"});
  guest_->mouse_motion(7, -3, 0);
  EXPECT_TRUE(traces("input_event_rel.*x.*7")) << machine_->trace();
  guest_->mouse_press(MouseButton::right, 4);
  guest_->mouse_release(MouseButton::right, 0);
  EXPECT_TRUE(traces("input_event_btn.*right.*0")) << machine_->trace();
  guest_->mouse_press(MouseButton::wheel_down, 16);
  guest_->mouse_release(MouseButton::wheel_down, 0);
  EXPECT_TRUE(traces("input_event_btn.*wheel-down")) << machine_->trace();

  // The tablet becomes the VM's mouse, as its driver would make it.
  const auto mice = machine_->monitor("info mice");
  ASSERT_TRUE(mice);
  std::smatch tablet;
  ASSERT_TRUE(std::regex_search(*mice, tablet, std::regex("Mouse #(\\d+): QEMU HID Tablet")))
      << *mice;
  ASSERT_TRUE(machine_->monitor("mouse_set " + tablet[1].str()));
  ASSERT_TRUE(until([&] { return record_.mouse_mode_ == MouseMode::client; }));
  EXPECT_EQ(record_.mouse_modes_, 3u);
  ASSERT_TRUE(until([&] { return record_.size() == raster::Size{720, 400}; }));
  guest_->mouse_position(360, 200, 1, 0);  // a button is held, without a press of its own
  EXPECT_TRUE(traces("input_event_abs.*x")) << machine_->trace();
  EXPECT_TRUE(traces("input_event_btn.*left.*1")) << machine_->trace();
  guest_->mouse_release(MouseButton::left, 0);
  EXPECT_TRUE(traces("input_event_btn.*left.*0")) << machine_->trace();
  // Further than the screen goes: its edge, not an error.
  guest_->mouse_position(100000, 100000, 0, 0);
  EXPECT_TRUE(traces("axis x, value 0x7fd")) << machine_->trace();
  // A viewer that wants server mode gets it: its motion is added up.
  guest_->request_mouse_mode(MouseMode::server);
  ASSERT_TRUE(until([&] { return record_.mouse_mode_ == MouseMode::server; }));
  const std::size_t before = machine_->trace().size();
  guest_->mouse_motion(-5, -5, 0);
  EXPECT_TRUE(until([&] {
    return machine_->trace().find("input_event_abs", before) != std::string::npos;
  })) << machine_->trace();
}

TEST_F(DbusAdapterTest, ShowsThePointerOfTheCard) {
  boot({"-device", "ati-vga", "-display", "dbus,p2p=on"});
  ASSERT_TRUE(until([&] { return record_.size() == raster::Size{720, 400}; }));
  const auto pci = machine_->monitor("info pci");
  ASSERT_TRUE(pci);
  std::smatch bar;
  ASSERT_TRUE(std::regex_search(*pci, bar, std::regex("VGA controller[^!]*?I/O at 0x(\\w+)")))
      << *pci;
  const auto base = std::stoul(bar[1].str(), nullptr, 16);
  // Registers of the Rage 128, through the index and data ports: position of the pointer, and its
  // enable bit.
  const auto write = [&](unsigned reg, unsigned value) {
    EXPECT_TRUE(machine_->monitor(fmt::format("o /w {:#x} {:#x}", base, reg)));
    EXPECT_TRUE(machine_->monitor(fmt::format("o /w {:#x} {:#x}", base + 4, value)));
  };
  write(0x264, 100 << 16 | 50);
  write(0x50, 1 << 16);
  ASSERT_TRUE(until([&] { return record_.cursor_.visible && record_.cursor_.shape; }));
  EXPECT_EQ(record_.cursor_.shape->width, 64);
  EXPECT_EQ(record_.cursor_.position, (raster::Point{100, 50}));
  write(0x264, 200 << 16 | 60);
  EXPECT_TRUE(until([&] { return record_.cursor_.position == raster::Point{200, 60}; }));
  write(0x50, 0);
  EXPECT_TRUE(until([&] { return !record_.cursor_.visible; }));
}

TEST_F(DbusAdapterTest, KnowsSeveralHeadsAndTheirSizes) {
  boot({"-device", "virtio-vga,max_outputs=2", "-display", "dbus,p2p=on"});
  EXPECT_EQ(record_.displays_, 2u);
  ASSERT_TRUE(record_.agent_up_);
  spice::AgentMonitorsConfig config;
  config.monitors = {{600, 800, 32, 0, 0}, {480, 640, 32, 800, 0}};
  ASSERT_TRUE(guest_->agent()->send(config));
  ASSERT_TRUE(until([&] { return record_.said<spice::AgentReply>(); }));
  EXPECT_TRUE(record_.said<spice::AgentReply>()->success);
}

TEST_F(DbusAdapterTest, SaysThatACardHasNoOtherSizes) {
  boot({"-vga", "std", "-display", "dbus,p2p=on"});
  spice::AgentMonitorsConfig config;
  config.monitors = {{600, 800, 32, 0, 0}};
  ASSERT_TRUE(guest_->agent()->send(config));
  ASSERT_TRUE(until([&] { return record_.said<spice::AgentReply>(); }));
  EXPECT_FALSE(record_.said<spice::AgentReply>()->success);
}

// QEMU answers nobody while it waits for the adapter's clipboard, so the guest's part has a thread
// of its own and our loop runs.
TEST_F(DbusAdapterTest, CarriesTheClipboardBothWays) {
  boot({"-vga", "std", "-display", "dbus,p2p=on", "-chardev", "qemu-vdagent,id=agent,clipboard=on",
        "-serial", "chardev:agent"},
       test::typewriter());
  ASSERT_TRUE(until([&] { return machine_->listens_to_keys(); }));
  test::SerialAgent guest(*machine_);
  const auto meanwhile = [&](std::function<Result<std::string>()> action) {
    auto running = std::async(std::launch::async, std::move(action));
    until([&] { return running.wait_for(std::chrono::seconds(0)) == std::future_status::ready; });
    return running.get();
  };
  const std::string clipboard(4, '\0'), text_type = test::word(VD_AGENT_CLIPBOARD_UTF8_TEXT);
  constexpr auto text = spice::ClipboardType::utf8_text;
  meanwhile([&]() -> Result<std::string> {
    guest.say(VD_AGENT_ANNOUNCE_CAPABILITIES,
              test::word(0) + test::word(1u << VD_AGENT_CAP_CLIPBOARD_BY_DEMAND |
                                         1u << VD_AGENT_CAP_CLIPBOARD_SELECTION |
                                         1u << VD_AGENT_CAP_CLIPBOARD_GRAB_SERIAL));
    guest.say(VD_AGENT_CLIPBOARD_GRAB, clipboard + test::word(0) + text_type);
    return std::string();
  });
  ASSERT_TRUE(until([&] { return record_.said<spice::ClipboardGrab>(); }));
  ASSERT_TRUE(guest_->agent()->send(spice::ClipboardRequest{spice::Selection::clipboard, text}));
  const auto asked = meanwhile([&]() -> Result<std::string> {
    auto wish = guest.hear(VD_AGENT_CLIPBOARD_REQUEST);
    if (wish) guest.say(VD_AGENT_CLIPBOARD, clipboard + text_type + "of the guest, \xc3\xa4");
    return wish;
  });
  ASSERT_TRUE(asked) << asked.error().message();
  ASSERT_TRUE(until([&] { return record_.said<spice::ClipboardData>(); }));
  EXPECT_EQ(as_text(record_.said<spice::ClipboardData>()->data.view()), "of the guest, \xc3\xa4");

  ASSERT_TRUE(guest_->agent()->send(spice::ClipboardGrab{spice::Selection::clipboard, 0, {text}}));
  ASSERT_TRUE(until([&] { return record_.said<spice::ClipboardRequest>(); }));
  ASSERT_TRUE(guest_->agent()->send(spice::ClipboardData{
      spice::Selection::clipboard, text, SharedBytes(to_bytes("of a viewer, \xc3\xb6"))}));
  const auto pasted = meanwhile([&]() -> Result<std::string> {
    CASSIA_TRY(guest.hear(VD_AGENT_CLIPBOARD_GRAB));
    guest.say(VD_AGENT_CLIPBOARD_REQUEST, clipboard + text_type);
    return guest.hear(VD_AGENT_CLIPBOARD);
  });
  ASSERT_TRUE(pasted) << pasted.error().message();
  EXPECT_EQ(pasted->substr(8), "of a viewer, \xc3\xb6");
}

TEST_F(DbusAdapterTest, GoesOnWithTheNextQemu) {
  boot({"-vga", "std", "-display", "dbus,p2p=on"});
  machine_->stop();
  ASSERT_TRUE(until([&] { return record_.offline_ > 0; }));
  guest_->key_down(0x1e);  // dropped
  ASSERT_TRUE(machine_->restart());
  EXPECT_TRUE(until([&] { return record_.shown_ == 2; })) << record_.why_;
  EXPECT_TRUE(until([&] { return record_.size() == raster::Size{720, 400}; }));
}

}  // namespace
}  // namespace cassia::server
