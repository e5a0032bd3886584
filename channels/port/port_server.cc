// SPDX-License-Identifier: Apache-2.0
#include <spice/enums.h>

#include "channels/port/port_channel.h"
#include "channels/port/port_data.h"
#include "protocol/spice/port_messages.h"

namespace cassia::channels {
namespace {

class Server final : public PortServer {
 public:
  Server(PortEvents& events, PortOptions options) : events_(events), options_(options) {}

  void on_open() override { events_.port_opened({}, !options_.named); }
  std::size_t largest_message() const override { return largest_port_data; }
  Result<void> on_message(std::uint16_t type, ByteView body, TimePoint now) override;
  void on_writable() override { events_.port_writable(); }
  void on_closed(const Error& why) override { events_.port_closed(why); }

  void send_init(const std::string& name, bool opened) override {
    spice::PortInit init;
    init.port_name = name;
    init.opened = opened ? 1 : 0;
    send(SPICE_MSG_PORT_INIT, wire::encode(init));
  }
  void send_data(ByteView data) override {
    send_port_data(data, compresses(options_, *link()),
                   [this](std::uint16_t type, Bytes body) { send(type, std::move(body)); });
  }
  void send_event(PortEvent event) override {
    send(SPICE_MSG_PORT_EVENT,
         wire::encode(spice::PortEventMessage{static_cast<std::uint8_t>(event)}));
  }

 private:
  PortEvents& events_;
  PortOptions options_;
};

Result<void> Server::on_message(std::uint16_t type, ByteView body, TimePoint) {
  switch (type) {
    case SPICE_MSGC_SPICEVMC_DATA:
      return deliver_data(body, events_);
    case SPICE_MSGC_SPICEVMC_COMPRESSED_DATA:
      return deliver_compressed(body, events_);
    case SPICE_MSGC_PORT_EVENT:
      if (options_.named) return deliver_event(body, events_);
      break;
    default:
      break;
  }
  return fail(ErrorKind::malformed, "unknown {} message {}", options_.named ? "port" : "usbredir",
              type);
}

}  // namespace

std::unique_ptr<PortServer> PortServer::create(PortEvents& events, PortOptions options) {
  return std::make_unique<Server>(events, options);
}

}  // namespace cassia::channels
