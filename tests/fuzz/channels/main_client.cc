// SPDX-License-Identifier: Apache-2.0
// The client role of the main channel: whatever a server says. What comes from its agent goes back.

#include "channels/main/main_channel.h"
#include "tests/fuzz/channels/channel_fuzz.h"

namespace {

using namespace cassia;            // NOLINT(google-build-using-namespace)
using namespace cassia::channels;  // NOLINT(google-build-using-namespace)

class Echo final : public MainClientEvents {
 public:
  void main_init(const MainInit&) override {}
  void main_channels(const std::vector<spice::ChannelId>&) override {}
  void main_mouse_mode(std::uint32_t, MouseMode current) override {
    client->request_mouse_mode(current);
  }
  Result<void> main_agent_data(ByteView data) override {
    (void)client->send_agent_message({SharedBytes(to_bytes(data))});
    return {};
  }
  void main_closed(const Error&) override {}
  MainClient* client = nullptr;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Echo echo;
  const auto client = MainClient::create(echo);
  echo.client = client.get();
  fuzz_channel(*client, {spice::ChannelType::main, 0}, ByteView(data, size));
  return 0;
}
