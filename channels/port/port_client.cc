// SPDX-License-Identifier: Apache-2.0
#include <spice/enums.h>
#include <spice/protocol.h>

#include "channels/port/port_channel.h"
#include "channels/port/port_data.h"
#include "protocol/spice/port_messages.h"

namespace cassia::channels {
namespace {

class Client final : public PortClient {
 public:
  Client(PortEvents& events, PortOptions options) : events_(events), options_(options) {}

  spice::Capabilities capabilities() const override {
    return {SPICE_SPICEVMC_CAP_DATA_COMPRESS_LZ4};
  }
  void on_open() override {
    if (!options_.named) events_.port_opened({}, true);
  }
  Result<void> on_message(std::uint16_t type, ByteView body, TimePoint now) override;
  void on_writable() override { events_.port_writable(); }
  void on_closed(const Error& why) override { events_.port_closed(why); }

  void send_data(ByteView data) override {
    send_port_data(data, compresses(options_, *link()),
                   [this](std::uint16_t type, Bytes body) { send(type, std::move(body)); });
  }
  void send_event(PortEvent event) override {
    send(SPICE_MSGC_PORT_EVENT,
         wire::encode(spice::PortEventMessage{static_cast<std::uint8_t>(event)}));
  }

 private:
  PortEvents& events_;
  PortOptions options_;
};

Result<void> Client::on_message(std::uint16_t type, ByteView body, TimePoint) {
  switch (type) {
    case SPICE_MSG_SPICEVMC_DATA:
      return deliver_data(body, events_);
    case SPICE_MSG_SPICEVMC_COMPRESSED_DATA:
      return deliver_compressed(body, events_);
    case SPICE_MSG_PORT_INIT: {
      if (!options_.named) break;
      const auto init = CASSIA_TRY(wire::parse<spice::PortInit>(body));
      events_.port_opened(init.port_name, init.opened != 0);
      return {};
    }
    case SPICE_MSG_PORT_EVENT:
      if (!options_.named) break;
      return deliver_event(body, events_);
    default:
      break;
  }
  return {};  // of a newer server
}

}  // namespace

std::unique_ptr<PortClient> PortClient::create(PortEvents& events, PortOptions options) {
  return std::make_unique<Client>(events, options);
}

}  // namespace cassia::channels
