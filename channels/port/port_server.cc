// SPDX-License-Identifier: Apache-2.0
#include <spice/enums.h>

#include "channels/port/port_channel.h"
#include "channels/port/port_data.h"
#include "protocol/spice/port_messages.h"

namespace cassia::channels {
namespace {

class Server final : public PortServer {
 public:
  explicit Server(PortEvents& events) : events_(events) {}

  void on_open() override { events_.port_opened({}, false); }
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
    for_each_chunk(data, [this](Bytes c) { send(SPICE_MSG_SPICEVMC_DATA, std::move(c)); });
  }
  void send_event(PortEvent event) override {
    send(SPICE_MSG_PORT_EVENT,
         wire::encode(spice::PortEventMessage{static_cast<std::uint8_t>(event)}));
  }

 private:
  PortEvents& events_;
};

Result<void> Server::on_message(std::uint16_t type, ByteView body, TimePoint) {
  switch (type) {
    case SPICE_MSGC_PORT_EVENT:
      return deliver_event(CASSIA_TRY(wire::parse<spice::PortEventMessage>(body)).event, events_);
    case SPICE_MSGC_SPICEVMC_DATA:
      return events_.port_data(body), Result<void>{};
    case SPICE_MSGC_SPICEVMC_COMPRESSED_DATA:
      return fail(ErrorKind::unsupported, "compressed port data, which we do not offer");
    default:
      return fail(ErrorKind::malformed, "unknown port message {}", type);
  }
}

}  // namespace

std::unique_ptr<PortServer> PortServer::create(PortEvents& events) {
  return std::make_unique<Server>(events);
}

}  // namespace cassia::channels
