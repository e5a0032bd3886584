// SPDX-License-Identifier: Apache-2.0
#include "server/gateway/device_viewer.h"

#include "server/gateway/device_hub.h"

namespace cassia::server {

using channels::PortEvent;
using spice::ChannelType;

DeviceViewer::~DeviceViewer() { over({ErrorKind::closed, "the viewer is gone"}); }

bool DeviceViewer::is_port() const {
  return id_.type == ChannelType::port || id_.type == ChannelType::webdav;
}

std::unique_ptr<channels::Channel> DeviceViewer::make_channel() {
  if (id_.type == ChannelType::smartcard) {
    auto channel = channels::SmartcardChannel::create(channels::Role::server, *this);
    card_ = channel.get();
    return channel;
  }
  auto channel = channels::PortServer::create(*this, {.named = is_port()});
  port_ = channel.get();
  return channel;
}

channels::MessageLink* DeviceViewer::link() const {
  if (port_) return port_->link();
  return card_ ? card_->link() : nullptr;
}

void DeviceViewer::close() {
  if (link()) link()->close();
}

void DeviceViewer::over(const Error& why) {
  open_ = false;
  port_ = nullptr;
  card_ = nullptr;
  if (const auto guest = std::exchange(guest_, nullptr)) guest->device_gone(why);
  hub_.released(*this);
}

void DeviceViewer::port_opened(const std::string&, bool) {
  open_ = true;
  // Not read from before the guest's end is up.
  link()->pause_reading(true);
  hub_.viewer_opened(*this);
}

void DeviceViewer::hand_over(const std::function<void(DeviceEnd&)>& what) {
  const auto guest = guest_;  // may let go of itself meanwhile
  if (!guest) return;         // the guest is away: dropped, as its port would drop it
  what(*guest);
  if (link()) link()->pause_reading(!guest->device_takes());
}

void DeviceViewer::port_data(ByteView data) {
  hand_over([&](DeviceEnd& guest) { guest.device_data(data); });
}
void DeviceViewer::port_event(PortEvent event) {
  hand_over([&](DeviceEnd& guest) { guest.device_event(event); });
}
void DeviceViewer::smartcard_message(const channels::CardMessage& message) {
  hand_over([&](DeviceEnd& guest) { guest.device_card(message); });
}

void DeviceViewer::writable() {
  if (const auto guest = guest_; guest && device_takes()) guest->device_resume();
}

void DeviceViewer::device_ready(const std::string& name, bool opened) {
  if (!open_ || !is_port()) return;
  if (!std::exchange(told_name_, true)) {
    port_->send_init(name, opened);
  } else if (opened) {
    port_->send_event(PortEvent::opened);
  }
  guest_open_ = opened;
}

void DeviceViewer::device_data(ByteView data) {
  if (open_) port_->send_data(data);
}

void DeviceViewer::device_event(PortEvent event) {
  if (!open_) return;
  port_->send_event(event);
  if (event != PortEvent::break_) guest_open_ = event == PortEvent::opened;
}

void DeviceViewer::device_card(const channels::CardMessage& message) {
  if (open_) card_->send_card(message);
}

bool DeviceViewer::device_takes() const {
  if (!open_) return false;
  // While this viewer is not read from its acks are not either: then only what the socket has not
  // taken counts.
  return link()->writable() || link()->pending_output() == 0;
}

void DeviceViewer::device_resume() {
  if (open_) link()->pause_reading(false);
}

void DeviceViewer::device_gone(const Error&) {
  guest_ = nullptr;
  if (!open_) return;
  // A port may close and open again; the other channels know no such thing.
  if (!is_port() || !told_name_) return close();
  if (std::exchange(guest_open_, false)) port_->send_event(PortEvent::closed);
  link()->pause_reading(false);
}

}  // namespace cassia::server
