// SPDX-License-Identifier: Apache-2.0
// The port, webdav and usbredir channels. Byte 0: bit 0 the role, bit 1 whether it is a port (name
// and events) or usbredir; then messages, each 2 bytes of type and 2 bytes of size before its body.
// What comes out of a message is bounded by what a message may hold.

#include <cstdlib>

#include "channels/link/message_sender.h"
#include "channels/port/port_channel.h"
#include "protocol/wire/reader.h"

namespace {

using namespace cassia;            // NOLINT(google-build-using-namespace)
using namespace cassia::channels;  // NOLINT(google-build-using-namespace)

struct Sink : PortEvents {
  void port_opened(const std::string& name, bool) override {
    if (name.size() > 4096) std::abort();
  }
  void port_data(ByteView data) override {
    if (data.empty() || data.size() > largest_port_data) std::abort();
    if (channel) channel(data);
  }
  void port_event(PortEvent) override {}
  void port_closed(const Error&) override {}
  std::function<void(ByteView)> channel;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const PortOptions options{.named = (data[0] & 2) != 0};
  Sink sink;
  std::unique_ptr<Channel> channel;
  if ((data[0] & 1) != 0) {
    auto server = PortServer::create(sink, options);
    sink.channel = [raw = server.get()](ByteView d) { raw->send_data(d); };
    channel = std::move(server);
  } else {
    auto client = PortClient::create(sink, options);
    sink.channel = [raw = client.get()](ByteView d) { raw->send_data(d); };
    channel = std::move(client);
  }
  MessageSender link({}, [] {});
  link.set_peer({spice::ChannelType::port, 0}, spice::Capabilities{0});
  channel->attach(&link);
  channel->on_open();
  wire::Reader reader(ByteView(data + 1, size - 1));
  while (reader.remaining() >= 4) {
    const std::uint16_t type = reader.u16();
    const std::size_t length = std::min<std::size_t>(reader.u16(), reader.remaining());
    if (!channel->on_message(type, reader.bytes(length), {})) break;
    link.take_output();
  }
  channel->on_closed({ErrorKind::closed, "end of input"});
  return 0;
}
