// SPDX-License-Identifier: Apache-2.0
#include "server/gateway/storage_port.h"

#include "base/log.h"

namespace cassia::server {
namespace {

/// Requests of one viewer that may be under way before it is made to wait.
constexpr std::size_t most_waiting = 32;

}  // namespace

std::unique_ptr<channels::Channel> StoragePort::make_channel() {
  auto channel = channels::PortServer::create(*this);
  channel_ = channel.get();
  return channel;
}

void StoragePort::port_opened(const std::string&, bool) {
  channel_->send_init(std::string(storage::storage_port_name), true);
}

void StoragePort::port_data(ByteView data) {
  const auto taken =
      framer_.receive(data, [this](std::string_view message) { return request(message); });
  if (taken || !channel_) return;
  log_warn("storage", "{}: {}", caller_.name, taken.error().message());
  channel_->send_event(channels::PortEvent::closed);
  channel_->link()->close();
}

Result<void> StoragePort::request(std::string_view message) {
  ++waiting_;
  service_->handle(std::string(message), caller_,
                   [port = weak_from_this()](const std::string& answer) {
                     if (const auto self = port.lock()) self->answered(answer);
                   });
  balance();
  return {};
}

void StoragePort::answered(const std::string& answer) {
  --waiting_;
  if (!channel_) return;
  if (!answer.empty()) {
    if (auto framed = storage::frame_message(answer)) {
      channel_->send_data(*framed);
    } else {
      log_warn("storage", "{}: answer not sent: {}", caller_.name, framed.error().message());
    }
  }
  balance();
}

/// Reads only while few requests are under way and the viewer takes its answers.
void StoragePort::balance() {
  if (!channel_) return;
  // With nothing left to write only an ack can make it writable again, and that must be read.
  const bool slow = !channel_->link()->writable() && channel_->link()->pending_output() > 0;
  channel_->link()->pause_reading(waiting_ >= most_waiting || slow);
}

void StoragePort::port_event(channels::PortEvent event) {
  // A viewer that opens its side anew begins with a fresh frame.
  if (event != channels::PortEvent::break_) framer_.reset();
}

void StoragePort::port_closed(const Error&) { channel_ = nullptr; }

}  // namespace cassia::server
