// SPDX-License-Identifier: Apache-2.0
// The client role of the inputs channel: whatever a server says, motion goes on being merged.

#include "channels/inputs/inputs_channel.h"
#include "tests/fuzz/channels/channel_fuzz.h"

namespace {

using namespace cassia;            // NOLINT(google-build-using-namespace)
using namespace cassia::channels;  // NOLINT(google-build-using-namespace)

class Mover final : public InputsClientEvents {
 public:
  void inputs_modifiers(std::uint16_t modifiers) override {
    client->key_down(modifiers);
    client->mouse_motion(modifiers, -1, 0);
    client->mouse_position(modifiers, 1, 0, 0);
    if ((modifiers & 1) != 0) client->mouse_press(MouseButton::left, 1);
  }
  void inputs_closed(const Error&) override {}
  InputsClient* client = nullptr;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Mover mover;
  const auto client = InputsClient::create(mover);
  mover.client = client.get();
  fuzz_channel(*client, {spice::ChannelType::inputs, 0}, ByteView(data, size));
  return 0;
}
