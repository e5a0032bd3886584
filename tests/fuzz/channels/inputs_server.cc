// SPDX-License-Identifier: Apache-2.0
// The server role of the inputs channel. A scan code that it hands over has at most three bytes,
// and none has the release bit.

#include <cstdlib>

#include "channels/inputs/inputs_channel.h"
#include "tests/fuzz/channels/channel_fuzz.h"

namespace {

using namespace cassia;            // NOLINT(google-build-using-namespace)
using namespace cassia::channels;  // NOLINT(google-build-using-namespace)

class Checker final : public InputsServerEvents {
 public:
  void inputs_opened() override {}
  void inputs_key_down(std::uint32_t) override {}
  void inputs_key_up(std::uint32_t scancode) override {
    for (; scancode != 0; scancode >>= 8) {
      const std::uint32_t byte = scancode & 0xff;
      if ((byte & 0x80) != 0 && byte != 0xe0 && byte != 0xe1) std::abort();
    }
  }
  void inputs_modifiers(std::uint16_t) override {}
  void inputs_mouse_motion(std::int32_t, std::int32_t, ButtonMask) override {}
  void inputs_mouse_position(std::uint32_t, std::uint32_t, ButtonMask, std::uint8_t) override {}
  void inputs_mouse_press(MouseButton button, ButtonMask) override { check(button); }
  void inputs_mouse_release(MouseButton button, ButtonMask) override { check(button); }
  void inputs_closed(const Error&) override {}

 private:
  static void check(MouseButton button) {
    if (button < MouseButton::left || button > MouseButton::extra) std::abort();
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Checker checker;
  const auto server = InputsServer::create(checker);
  fuzz_channel(*server, {spice::ChannelType::inputs, 0}, ByteView(data, size));
  return 0;
}
