// SPDX-License-Identifier: Apache-2.0
// What a viewer holds when it vanishes is let go.

#include "server/gateway/inputs_viewer.h"

#include <gmock/gmock.h>

#include "server/gateway/vm.h"
#include "tests/unit/channels/harness.h"

namespace cassia::server {
namespace {

using channels::ButtonMask;
using channels::MouseButton;

/// The keys and buttons that are down.
struct Held {
  std::set<std::uint32_t> keys;
  std::set<MouseButton> buttons;
};

class HeldGuest final : public GuestSource {
 public:
  explicit HeldGuest(Held& held) : held_(held) {}
  void start(GuestEvents&) override {}
  void stop() override {}
  std::string name() const override { return "held"; }
  void key_down(std::uint32_t code) override { held_.keys.insert(code); }
  void key_up(std::uint32_t code) override { held_.keys.erase(code); }
  void key_modifiers(std::uint16_t) override {}
  void mouse_motion(std::int32_t, std::int32_t, ButtonMask held) override { state(held); }
  void mouse_position(std::uint32_t, std::uint32_t, ButtonMask held, DisplayId) override {
    state(held);
  }
  void mouse_press(MouseButton button, ButtonMask) override { held_.buttons.insert(button); }
  void mouse_release(MouseButton button, ButtonMask) override { held_.buttons.erase(button); }
  void request_mouse_mode(channels::MouseMode) override {}

 private:
  void state(ButtonMask held) {
    for (int button = 1; button <= 7; ++button) {
      if ((held >> (button - 1) & 1) != 0) held_.buttons.insert(static_cast<MouseButton>(button));
    }
  }
  Held& held_;
};

struct NoEvents final : channels::InputsClientEvents {
  void inputs_modifiers(std::uint16_t) override {}
  void inputs_closed(const Error&) override {}
};

class InputsViewerTest : public testing::Test {
 protected:
  InputsViewerTest() {
    auto made = channels::InputsClient::create(events_);
    client_ = made.get();
    pair_ = std::make_unique<channels::Pair>(
        [this](const channels::LinkRequest&) { return viewer_.make_channel(); }, std::move(made));
    pair_->pump();
  }
  void vanish() { pair_->server->closed({ErrorKind::closed, "gone"}); }

  Held held_;
  Vm vm_{std::make_unique<HeldGuest>(held_)};
  InputsViewer viewer_{vm_};
  NoEvents events_;
  channels::InputsClient* client_ = nullptr;
  std::unique_ptr<channels::Pair> pair_;
};

TEST_F(InputsViewerTest, KeysAreReleasedHoweverManyWereClaimed) {
  for (std::uint32_t code = 1; code < 1000; ++code) client_->key_down(code);
  pair_->pump();
  EXPECT_FALSE(held_.keys.empty());
  vanish();
  EXPECT_THAT(held_.keys, testing::IsEmpty());
}

TEST_F(InputsViewerTest, ButtonsAreReleasedAlsoIfOnlyMotionPressedThem) {
  client_->mouse_press(MouseButton::right, 4);
  client_->mouse_position(10, 10, 1 | 4, 0);
  pair_->pump();
  EXPECT_THAT(held_.buttons, testing::ElementsAre(MouseButton::left, MouseButton::right));
  vanish();
  EXPECT_THAT(held_.buttons, testing::IsEmpty());
}

}  // namespace
}  // namespace cassia::server
