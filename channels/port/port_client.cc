// SPDX-License-Identifier: Apache-2.0
#include <spice/enums.h>

#include "channels/port/port_channel.h"
#include "channels/port/port_data.h"
#include "protocol/spice/port_messages.h"

namespace cassia::channels {
namespace {

class Client final : public PortClient {
 public:
  explicit Client(PortEvents& events) : events_(events) {}

  Result<void> on_message(std::uint16_t type, ByteView body, TimePoint now) override;
  void on_writable() override { events_.port_writable(); }
  void on_closed(const Error& why) override { events_.port_closed(why); }

  void send_data(ByteView data) override {
    for_each_chunk(data, [this](Bytes c) { send(SPICE_MSGC_SPICEVMC_DATA, std::move(c)); });
  }
  void send_event(PortEvent event) override {
    send(SPICE_MSGC_PORT_EVENT,
         wire::encode(spice::PortEventMessage{static_cast<std::uint8_t>(event)}));
  }

 private:
  PortEvents& events_;
};

Result<void> Client::on_message(std::uint16_t type, ByteView body, TimePoint) {
  switch (type) {
    case SPICE_MSG_PORT_INIT: {
      const auto init = CASSIA_TRY(wire::parse<spice::PortInit>(body));
      events_.port_opened(init.port_name, init.opened != 0);
      return {};
    }
    case SPICE_MSG_PORT_EVENT:
      return deliver_event(CASSIA_TRY(wire::parse<spice::PortEventMessage>(body)).event, events_);
    case SPICE_MSG_SPICEVMC_DATA:
      return events_.port_data(body), Result<void>{};
    default:
      return {};
  }
}

}  // namespace

std::unique_ptr<PortClient> PortClient::create(PortEvents& events) {
  return std::make_unique<Client>(events);
}

}  // namespace cassia::channels
