// SPDX-License-Identifier: Apache-2.0
// The window with a real guest behind the gateway: typing, the console panel, a pointer that has to
// be taken (server mode).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "tests/interop/window/desk.h"
#include "tests/support/programs.h"
#include "tests/support/qemu_guest.h"

namespace cassia::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The panel's first button, in a window that is large enough for the whole panel.
constexpr int attach_x = 63, attach_y = 160;
constexpr int attach_left = 34;  // of its first letter, inside the button

class GuestWindow : public ::testing::Test {
 protected:
  void open(const GuestOptions& options) {
    auto guest = QemuGuest::start(options);
    ASSERT_TRUE(guest) << guest.error().message();
    guest_ = std::move(*guest);
    auto gateway = Gateway::start({"--upstream", guest_->uri(), "--qmp", guest_->gateway_qmp(),
                                   "--storage-root", guest_->folder()});
    ASSERT_TRUE(gateway) << gateway.error().message();
    gateway_ = std::move(*gateway);
    const auto screen = guest_->qmp().steady_screen();
    ASSERT_TRUE(screen) << screen.error().message();
    auto desk = Desk::open(gateway_->uri(), screen->width, screen->height);
    ASSERT_TRUE(desk) << desk.error().message();
    desk_ = std::move(*desk);
    ASSERT_TRUE(wait_until([&] { return desk_->shows(*screen); })) << "not the guest's picture";
  }

  /// Types a command at the guest's shell and waits for what it says on the serial console.
  void command(const std::string& text, const std::string& answer) {
    const std::size_t before = guest_->serial().size();
    ASSERT_TRUE(desk_->type(text));
    ASSERT_TRUE(desk_->press("Return"));
    const auto said = guest_->wait_serial(answer, before);
    ASSERT_TRUE(said) << said.error().message();
  }

  std::unique_ptr<QemuGuest> guest_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<Desk> desk_;
};

TEST_F(GuestWindow, ThePanelAttachesAnImageWhichTheGuestFinds) {
  open({});
  const std::string image = guest_->folder() / "more.qcow2";
  const auto created = run({"qemu-img", "create", "-q", "-f", "qcow2", image, "20M"});
  ASSERT_TRUE(created && created->status == 0);
  command("echo typed-$((6*7)) >/dev/ttyS0", "typed-42");
  const std::size_t before = guest_->serial().size();

  ASSERT_TRUE(desk_->press("F12"));
  // Blue between the letters: the button is there, so the storage channel is.
  ASSERT_TRUE(wait_until([&] {
    const auto shown = desk_->picture();
    if (!shown) return false;
    const std::uint8_t* at = shown->pixel(attach_left - 4, attach_y);
    return at[2] > at[0] + 50;
  })) << "no console panel";
  ASSERT_TRUE(desk_->click(attach_x, attach_y));
  // The form dims what lies under it, in a few frames; the guest's own corner is black.
  ASSERT_TRUE(wait_until([&] {
    const auto shown = desk_->picture();
    return shown && shown->pixel(shown->width - 10, shown->height - 10)[0] > 65;
  })) << "no form";
  ASSERT_TRUE(desk_->type("more.qcow2"));
  ASSERT_TRUE(desk_->press("Return"));
  const auto found = guest_->wait_serial("CASSIA-DISK add vdc 40960", before);
  EXPECT_TRUE(found) << found.error().message();
  const auto list = disk({"--connect", gateway_->uri(), "list"});
  ASSERT_TRUE(list) << list.error().message();
  EXPECT_THAT(list->output, HasSubstr("more.qcow2"));

  // The panel goes, and the keyboard is the guest's again: it saw nothing of what was typed above.
  ASSERT_TRUE(desk_->press("F12"));
  command("echo again-$((7*7)) >/dev/ttyS0", "again-49");
  EXPECT_THAT(guest_->serial(), Not(HasSubstr("not found")));
}

struct Motion {
  int x = 0, y = 0;
  int presses = 0, releases = 0;  ///< of the left button
  bool operator==(const Motion&) const = default;
};

/// Adds up the guest's input events: struct input_event of 64-bit Linux, 24 bytes in hexadecimal.
Motion motion_in(const std::string& serial) {
  const auto number = [](const std::string& line, std::size_t byte, std::size_t bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = bytes; i > 0; --i) {
      value = value << 8 | static_cast<std::uint32_t>(
                               std::stoul(line.substr(2 * (byte + i - 1), 2), nullptr, 16));
    }
    return value;
  };
  constexpr std::uint32_t ev_key = 1, ev_rel = 2, rel_x = 0, rel_y = 1, btn_left = 0x110;
  Motion sum;
  std::istringstream lines(serial);
  for (std::string line; std::getline(lines, line);) {
    while (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.size() != 48 || line.find_first_not_of("0123456789abcdef") != std::string::npos) {
      continue;
    }
    const std::uint32_t type = number(line, 16, 2), code = number(line, 18, 2);
    const auto value = static_cast<std::int32_t>(number(line, 20, 4));
    if (type == ev_rel && code == rel_x) sum.x += value;
    if (type == ev_rel && code == rel_y) sum.y += value;
    if (type == ev_key && code == btn_left) ++(value != 0 ? sum.presses : sum.releases);
  }
  return sum;
}

std::ostream& operator<<(std::ostream& out, const Motion& motion) {
  return out << "moved by " << motion.x << "," << motion.y << ", " << motion.presses << " presses, "
             << motion.releases << " releases";
}

TEST_F(GuestWindow, AGuestWithoutATabletGetsThePointerByAClickUntilCtrlAlt) {
  open({.mouse = true});
  command(
      "for e in /dev/input/event*; do exec 3<$e; hexdump -v -e '24/1 \"%02x\" \"\\n\"' <&3 "
      ">/dev/ttyS0 & done; echo watching >/dev/ttyS0",
      "watching");
  const auto arrives = [&](const Motion& expected) {
    wait_until([&] { return motion_in(guest_->serial()) == expected; });
    EXPECT_EQ(motion_in(guest_->serial()), expected);
  };
  const auto taken = [&] {
    return desk_->title().find("Ctrl+Alt releases the pointer") != std::string::npos;
  };

  ASSERT_TRUE(desk_->point(300, 300));
  ASSERT_TRUE(desk_->move(40, 40));
  EXPECT_FALSE(taken());
  ASSERT_TRUE(desk_->click());
  ASSERT_TRUE(wait_until(taken)) << desk_->title();
  ASSERT_TRUE(desk_->move(30, -20));
  arrives({.x = 30, .y = -20});
  ASSERT_TRUE(desk_->click());
  arrives({.x = 30, .y = -20, .presses = 1, .releases = 1});

  ASSERT_TRUE(desk_->press("ctrl+alt"));
  ASSERT_TRUE(wait_until([&] { return !taken(); })) << desk_->title();
  ASSERT_TRUE(desk_->move(11, 13));
  ASSERT_TRUE(desk_->click());
  ASSERT_TRUE(wait_until(taken)) << desk_->title();
  ASSERT_TRUE(desk_->move(-7, 5));
  arrives({.x = 23, .y = -15, .presses = 1, .releases = 1});
}

}  // namespace
}  // namespace cassia::test
