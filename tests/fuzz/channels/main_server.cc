// SPDX-License-Identifier: Apache-2.0
// The server role of the main channel, with an agent that sends back what it gets.

#include "channels/main/main_channel.h"
#include "tests/fuzz/channels/channel_fuzz.h"

namespace {

using namespace cassia;            // NOLINT(google-build-using-namespace)
using namespace cassia::channels;  // NOLINT(google-build-using-namespace)

class Host final : public MainServerEvents {
 public:
  void main_opened() override {
    MainInit init;
    init.agent_connected = true;
    init.agent_tokens = 10;
    server->send_init(init);
  }
  void main_attach_channels() override { server->send_channels({}); }
  void main_mouse_mode_request(MouseMode mode) override { server->send_mouse_mode(3, mode); }
  Result<void> main_agent_data(ByteView data) override {
    (void)server->send_agent_message({SharedBytes(to_bytes(data))});
    return {};
  }
  void main_closed(const Error&) override {}
  MainServer* server = nullptr;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Host host;
  const auto server = MainServer::create(host);
  host.server = server.get();
  fuzz_channel(*server, {spice::ChannelType::main, 0}, ByteView(data, size));
  return 0;
}
